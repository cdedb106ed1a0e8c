"""Everything that is kept: the only package that speaks SQL. Functions take an open session; who calls them commits."""
