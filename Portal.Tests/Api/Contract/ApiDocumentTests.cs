using System.IO.Compression;
using System.Net;
using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Portal.Api.Document;
using Portal.Tests.Support;
using Portal.Wire;

namespace Portal.Tests.Api.Contract;

/// <summary>The document is valid and complete: the test fails for an undescribed endpoint.</summary>
public sealed class ApiDocumentTests(PortalHost portal) : IClassFixture<PortalHost>
{
    /// <summary>The status codes that any call can get.</summary>
    private static readonly int[] Always = [400, 401, 403, 429, 500];

    [Fact]
    public async Task Document_Read_IsValidOpenApi31()
    {
        var text = await portal.Client.GetStringAsync(ServedApi.Path, TestContext.Current.CancellationToken);
        var result = OpenApiDocument.Parse(text, OpenApiConstants.Json);

        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, result.Diagnostic!.SpecificationVersion);
        Assert.Empty(result.Diagnostic.Errors);
        Assert.Empty(result.Diagnostic.Warnings);
        Assert.Equal(ServedApi.BasePath, Assert.Single(result.Document!.Servers!).Url);
    }

    [Fact]
    public async Task Document_WithoutSignIn_IsServedOnceWrittenAndKnownByItsTag()
    {
        using var first = await portal.Client.GetAsync(ServedApi.Path, TestContext.Current.CancellationToken);
        var request = new HttpRequestMessage(HttpMethod.Get, ServedApi.Path);
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var second = await portal.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.OK, "application/json"), (first.StatusCode, first.Content.Headers.ContentType?.MediaType));
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    [Theory]
    [InlineData(ServedApi.Path, "application/json")]
    [InlineData("/openapi", "text/html")]
    [InlineData("/openapi/scalar.js", "text/javascript")]
    [InlineData("/openapi.js", "text/javascript")]
    public async Task Document_AndItsPage_AreOpenAndTheSameWhetherCompressedOrNot(string path, string mediaType)
    {
        var plain = await portal.Client.GetByteArrayAsync(path, TestContext.Current.CancellationToken);
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.AcceptEncoding.ParseAdd("gzip");
        using var response = await portal.Client.SendAsync(request, TestContext.Current.CancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        using var head = await portal.SendAsync((string?)null, path, HttpMethod.Head);
        using var text = new MemoryStream();
        await (response.Content.Headers.ContentEncoding.Count == 0 ? body : new GZipStream(body, CompressionMode.Decompress))
            .CopyToAsync(text, TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.OK, mediaType), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.Equal(plain, text.ToArray());
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
    }

    [Fact]
    public async Task Endpoints_OfTheManagementApi_AreAllInTheDocument()
    {
        var mapped = portal.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith(ServedApi.BasePath + "/", StringComparison.OrdinalIgnoreCase))
            // The gateway accepts any path below a module's.
            .Where(endpoint => !endpoint.RoutePattern.RawText!.Contains("{**", StringComparison.Ordinal))
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods
                .Where(method => method != "HEAD").Select(method => $"{method} {endpoint.RoutePattern.RawText![ServedApi.BasePath.Length..]}"))
            .Distinct()
            .ToList();
        var api = await ServedApi.ReadAsync(portal);

        Assert.True(mapped.Count > 20);
        Assert.Equal(mapped.Order(StringComparer.Ordinal), api.Operations.Select(operation => operation.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Operations_All_AreDescribedWithExamplesAndErrors()
    {
        var api = await ServedApi.ReadAsync(portal);

        Assert.All(api.Operations, operation =>
        {
            Assert.False(string.IsNullOrEmpty(operation.Id), $"{operation} has no operationId: describe it where it is mapped.");
            Assert.False(string.IsNullOrEmpty(operation.Node["summary"]?.GetValue<string>()), operation.Name);
            Assert.All(operation.Parameters, parameter =>
                Assert.False(string.IsNullOrEmpty(parameter["description"]?.GetValue<string>()), $"{operation} {parameter["name"]}"));
            if (operation.Request is { } request)
                Assert.NotEmpty(ServedOperation.ExamplesOf(request));
            if (api.Answer(operation, operation.Success)!["content"]?["application/json"] is { } answer)
                Assert.NotEmpty(ServedOperation.ExamplesOf(answer));
            Assert.All(Always, status => Assert.NotNull(api.Answer(operation, status)));
            Assert.Equal(operation.Path.Contains('{'), api.Answer(operation, 404) is not null);
            Assert.Equal(operation.Request is not null, api.Answer(operation, 415) is not null);
        });
        Assert.Distinct(api.Operations.Select(operation => operation.Id));
        var tags = api.Document["tags"]!.AsArray().Select(tag => tag!["name"]!.GetValue<string>()).ToHashSet();
        Assert.Equal(tags.Order(), api.Operations.Select(operation => operation.Node["tags"]![0]!.GetValue<string>()).Distinct().Order());
    }

    [Fact]
    public async Task Examples_All_MatchTheirSchemas()
    {
        var api = await ServedApi.ReadAsync(portal);
        var number = 0;
        foreach (var operation in api.Operations)
        {
            var answers = operation.Node["responses"]!.AsObject().Select(answer => api.Resolve(answer.Value)["content"]?["application/json"]);
            foreach (var content in answers.Append(operation.Request).OfType<JsonNode>())
                foreach (var example in ServedOperation.ExamplesOf(content))
                {
                    await api.AssertMatchesAsync(content["schema"]!, example.ToJsonString(), operation.Name);
                    number++;
                }
        }

        Assert.True(number > 200);
    }

    /// <summary>A new error code must be in the table, or in the list of codes that the document doesn't need.</summary>
    [Fact]
    public void ErrorCodes_All_AreToldOrNamedAsElsewhere()
    {
        var codes = typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!);

        Assert.Equal(codes.Order(), CommonErrors.Meanings.Keys.Concat(CommonErrors.Elsewhere).Order());
    }

    [Fact]
    public async Task Errors_All_NameCodesThatTheirExamplesHave()
    {
        var api = await ServedApi.ReadAsync(portal);

        Assert.All(api.Operations, operation => Assert.All(operation.Node["responses"]!.AsObject().Where(answer => answer.Key[0] is '4' or '5'), answer =>
        {
            var error = api.Resolve(answer.Value);
            var codes = error["x-error-codes"]!.AsArray().Select(code => code!.GetValue<string>()).ToHashSet();
            var examples = ServedOperation.ExamplesOf(error["content"]!["application/json"]!).Select(example => example["error_code"]!.GetValue<string>());
            Assert.Equal(codes.Order(), examples.Distinct().Order());
        }));
    }
}
