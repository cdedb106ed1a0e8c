from api.config import PORT


def test_port():
    assert PORT == 8000
