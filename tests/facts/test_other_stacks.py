from checks.facts.other_stacks import other_services
from checks.workspace import Workspace
from tests.data_samples import examine

POM = "<project>\n<dependency>\n<artifactId>springdoc-openapi-starter-webmvc-ui</artifactId>\n</dependency>\n</project>\n"
JAVA = '@RestController\n@RequestMapping("/mesures")\npublic class Mesures {\n\n    @GetMapping("")\n    @PreAuthorize("hasRole(\'LECTEUR\')")\n    public List<Mesure> toutes() { return depot.findAll(); }\n}\n'
CSHARP = '[ApiController]\n[Route("mesures")]\npublic class Mesures : ControllerBase {\n    [HttpGet]\n    public IActionResult Toutes() => Ok(depot.Toutes());\n}\n'
CSPROJ = '<Project><ItemGroup><PackageReference Include="Swashbuckle.AspNetCore" Version="6.5.0" /></ItemGroup></Project>\n'
NEST = "@Controller('mesures')\nexport class Mesures {\n  @UseGuards(JwtGuard)\n  @Get()\n  toutes() { return this.depot.toutes(); }\n}\n"


def found(contents):
    return other_services(Workspace({path: text.encode() for path, text in contents.items()})).all


def outcome(contents, check):
    return examine(contents, check).outcome.value


def test_a_spring_service_with_its_generator_and_guard():
    (service,) = found({"expo/pom.xml": POM, "expo/src/Mesures.java": JAVA})
    assert (service.stack, service.folder) == ("Spring", "expo/")
    assert service.generator is not None and (service.generator.path, service.generator.line) == ("expo/pom.xml", 3)
    assert service.guard is not None and service.guard.line == 6
    assert [(e.path, e.line) for e in service.reads] == [("expo/src/Mesures.java", 5)]


def test_a_package_that_nothing_sets_up_generates_nothing():
    (service,) = found({"a.csproj": CSPROJ, "Mesures.cs": CSHARP})
    assert service.generator is None and service.guard is None
    (service,) = found({"a.csproj": CSPROJ, "Mesures.cs": CSHARP, "Program.cs": "builder.Services.AddSwaggerGen();\n"})
    assert service.generator is not None
    package = '{"dependencies": {"@nestjs/swagger": "7"}}\n'
    (service,) = found({"package.json": package, "src/m.ts": NEST, "src/main.ts": "SwaggerModule.setup('docs', app, doc);\n"})
    assert service.generator is not None and service.guard is not None and service.guard.line == 3


def test_comments_tests_and_other_folders_show_no_service():
    assert found({"pom.xml": POM}) == ()
    assert found({"pom.xml": POM, "A.java": "/*\n" + JAVA + "*/\n"}) == ()
    assert found({"pom.xml": POM, "src/test/A.java": JAVA}) == ()
    (service,) = found({"a/pom.xml": f"<!-- {POM} -->", "a/A.java": JAVA, "b/pom.xml": POM})
    assert service.generator is None


def test_a_generated_documentation_covers_a_service_in_another_language():
    contents = {"expo/pom.xml": POM, "expo/src/Mesures.java": JAVA}
    assert outcome(contents, "api.documents-every-route") == "met"
    assert outcome(contents, "api.follows-openapi") == "met"
    assert outcome(contents, "api.requires-authentication") == "partly"
    assert outcome(contents, "api.reads-the-data") == "partly"
    bare = {"expo/pom.xml": "<project/>", "expo/src/Mesures.java": JAVA.replace("@PreAuthorize", "// @PreAuthorize")}
    for check in ("documents-every-route", "follows-openapi", "requires-authentication"):
        assert outcome(bare, f"api.{check}") == "not_met"
