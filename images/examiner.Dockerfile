# The sandbox that reads repositories: Python, our packages, and nothing to talk to.
ARG BASE_IMAGE=jurygrid-base:latest
FROM ${BASE_IMAGE}
COPY site /opt/jurygrid
RUN ln -s /opt/jurygrid/jurygrid.pth "$(python3 -c 'import site; print(site.getsitepackages()[0])')/jurygrid.pth" \
 && python3 -m compileall -q /opt/jurygrid >/dev/null \
 && mkdir /in /out && chown 1000:1000 /in /out
USER 1000:1000
WORKDIR /tmp
ENTRYPOINT []
CMD ["python3", "-I", "-m", "checks", "--help"]
