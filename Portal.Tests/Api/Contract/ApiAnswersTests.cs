using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Reading;
using Portal.Wire;

namespace Portal.Tests.Api.Contract;

/// <summary>The responses match the document: every operation is called with the document's own examples, and refused in every way that applies to
/// any operation.</summary>
public sealed class ApiAnswersTests(PortalHost portal) : IClassFixture<PortalHost>
{
    [Fact]
    public async Task Success_OfEveryOperation_IsAsDescribed()
    {
        var api = await ServedApi.ReadAsync(portal);
        foreach (var operation in api.Operations)
        {
            var caller = await CallerAsync();
            using var response = await CallAsync(operation, caller, await AddressAsync(operation), ExampleOf(operation));
            var described = api.Answer(operation, operation.Success)!;
            var body = await AssertStatusAsync(response, (HttpStatusCode)operation.Success, operation);
            foreach (var (header, _) in described["headers"]!.AsObject())
                Assert.True(response.Headers.NonValidated.Contains(header) || response.Content.Headers.NonValidated.Contains(header), $"{operation} {header}");
            if (described["content"]?["application/json"]?["schema"] is { } schema)
                await api.AssertMatchesAsync(schema, body, operation.Name);
            else
                Assert.Empty(body);
        }
    }

    /// <summary>Each parameter alone, with its example or its first value; lists document the properties for queries.</summary>
    [Fact]
    public async Task Parameters_OfEveryOperation_AreTaken()
    {
        var api = await ServedApi.ReadAsync(portal);
        var caller = await CallerAsync();
        var number = 0;
        foreach (var operation in api.Operations.Where(operation => operation.Method == "GET"))
            foreach (var parameter in operation.Parameters.Where(parameter => parameter["in"]!.GetValue<string>() == "query"))
            {
                var address = $"{await AddressAsync(operation)}?{parameter["name"]}={Uri.EscapeDataString(ValueFor(operation, parameter))}";
                using var response = await CallAsync(operation, caller, address, null);
                var body = await AssertStatusAsync(response, HttpStatusCode.OK, operation);
                if (parameter["name"]!.GetValue<string>() != "select")
                    await api.AssertMatchesAsync(api.Answer(operation, 200)!["content"]!["application/json"]!["schema"]!, body, address);
                number++;
            }

        Assert.True(number > 40);
    }

    [Fact]
    public async Task Refusals_OfEveryOperation_AreAsDescribed()
    {
        var api = await ServedApi.ReadAsync(portal);
        var (all, outside) = (await CallerAsync(), await portal.CreateTokenAsync(null, "MD-0002"));
        var disabled = await portal.CreateTokenAsync();
        await portal.DisableAsync(disabled);
        foreach (var operation in api.Operations)
        {
            var (known, body) = (await AddressAsync(operation), ExampleOf(operation));
            await RefusedAsync(api, operation, 401, ErrorCodes.Unauthorized, await portal.SendAsync((string?)null, known, new HttpMethod(operation.Method)));
            await RefusedAsync(api, operation, 401, ErrorCodes.TokenNotUsable, await CallAsync(operation, disabled, known, body));
            if (CodesOf(api, operation, 403).Contains(ErrorCodes.ModuleNotEnabled))
                await RefusedAsync(api, operation, 403, ErrorCodes.ModuleNotEnabled, await CallAsync(operation, outside, known, body));
            if (operation.Path.Contains('{'))
                await RefusedAsync(api, operation, 404, ErrorCodes.NotFound, await CallAsync(operation, all, Fill(operation, "SU-000-000-000"), body));
            if (operation.Parameters.Any(parameter => parameter["name"]!.GetValue<string>() == "limit"))
                await RefusedAsync(api, operation, 400, ErrorCodes.Invalid, await CallAsync(operation, all, known + "?limit=x", null));
            if (operation.Parameters.Any(parameter => parameter["name"]!.GetValue<string>() == "If-Match"))
                await RefusedAsync(api, operation, 412, ErrorCodes.Changed, await portal.CallAsync(all, operation.Method, known, body, ifMatch: "\"x\""));
            if (operation.Request is null)
                continue;
            await RefusedAsync(api, operation, 400, ErrorCodes.Invalid, await portal.CallAsync(all, operation.Method, known, "[]"));
            await RefusedAsync(api, operation, 415, ErrorCodes.Invalid, await portal.CallAsync(all, operation.Method, known, "x", mediaType: "text/plain"));
            await RefusedAsync(api, operation, 413, ErrorCodes.Invalid, await portal.CallAsync(all, operation.Method, known, new string(' ', 65 * 1024)));
        }
    }

    /// <summary>A documented field that Portal doesn't read would be ignored silently.</summary>
    [Fact]
    public async Task RequestFields_OfAWrongType_AreEachTold()
    {
        var api = await ServedApi.ReadAsync(portal);
        var caller = await CallerAsync();
        foreach (var operation in api.Operations.Where(operation => operation.Request is not null))
        {
            JsonObject wrong = [];
            foreach (var (field, _) in api.Resolve(operation.Request!["schema"])["properties"]!.AsObject())
                wrong[field] = true;
            var errors = await portal.CallAsync(caller, operation.Method, await AddressAsync(operation), wrong.ToJsonString()).InvalidAsync();

            Assert.All(wrong, field => Assert.Contains($"{field.Key}: ", errors, StringComparison.Ordinal));
        }
    }

    /// <summary>Creates a key with all permissions and a rate limit.</summary>
    private async Task<ApiKey> CallerAsync()
    {
        var key = await portal.CreateTokenAsync();
        var token = await portal.Services.GetRequiredService<TokenReader>().FindAsync(portal.Administrator, key.Handle);
        var edit = new TokenEdit(token!.Name, null, null, ModuleChoice.All, new RateLimitChoice(true, new RateLimit(100_000, RateUnit.Minute)));
        Assert.IsType<TokenOutcome.Done>(await portal.Tokens.EditAsync(portal.Administrator, key.Handle, edit, token.Version));
        return key;
    }

    /// <summary>The operation's path, with a new token where it has one.</summary>
    private async Task<string> AddressAsync(ServedOperation operation) => Fill(operation,
        operation.Path.StartsWith("/modules", StringComparison.Ordinal) ? "MD-0002"
        : operation.Path.StartsWith("/extensions", StringComparison.Ordinal) ? "EXT-000"
        : operation.Path.Contains('{') ? (await portal.CreateTokenAsync(portal.Clock.GetUtcNow().UtcDateTime.AddDays(60), "MD-0002", "MD-0003")).Handle
        : "");

    private static string Fill(ServedOperation operation, string target)
    {
        var path = operation.Path.IndexOf('{', StringComparison.Ordinal) is var start and >= 0
            ? $"{operation.Path[..start]}{target}{operation.Path[(operation.Path.IndexOf('}', StringComparison.Ordinal) + 1)..]}"
            : operation.Path;
        return ServedApi.BasePath + path;
    }

    private static string? ExampleOf(ServedOperation operation)
    {
        if (operation.Request is not { } request)
            return null;
        var example = ServedOperation.ExamplesOf(request).First().DeepClone();
        if (example["name"] is not null)
            example["name"] = $"Example {Guid.CreateVersion7()}";
        return example.ToJsonString();
    }

    private static string ValueFor(ServedOperation operation, JsonObject parameter)
    {
        var schema = parameter["schema"]!;
        if ((parameter["example"] ?? schema["enum"]?[0] ?? schema["default"]) is { } value)
            return value.ToString();
        return parameter["name"]!.GetValue<string>() switch
        {
            "ordering" => string.Join(
                ',', operation.Parameters.Where(filter => filter["x-ordering"]?.GetValue<bool>() == true).Select(filter => $"-{filter["name"]}")),
            "select" => "id",
            _ when schema["format"]?.GetValue<string>() == "date-time" => "2026-11-24T10:00:00+00:00",
            _ when schema["type"]!.GetValue<string>() is "integer" => "1",
            _ when schema["type"]!.GetValue<string>() is "boolean" => "true",
            _ => "text",
        };
    }

    private Task<HttpResponseMessage> CallAsync(ServedOperation operation, ApiKey caller, string address, string? body) =>
        portal.CallAsync(caller, operation.Method, address, body);

    private static IEnumerable<string> CodesOf(ServedApi api, ServedOperation operation, int status) =>
        (api.Answer(operation, status)?["x-error-codes"]?.AsArray() ?? []).Select(code => code!.GetValue<string>());

    private static async Task RefusedAsync(ServedApi api, ServedOperation operation, int status, string code, HttpResponseMessage response)
    {
        using (response)
        {
            var body = await AssertStatusAsync(response, (HttpStatusCode)status, operation);
            var described = api.Answer(operation, status);
            Assert.True(described is not null, $"{operation} does not tell of {status}.");
            Assert.Contains(code, CodesOf(api, operation, status));
            Assert.Equal(code, JsonNode.Parse(body)!["error_code"]!.GetValue<string>());
            await api.AssertMatchesAsync(described["content"]!["application/json"]!["schema"]!, body, operation.Name);
        }
    }

    private static async Task<string> AssertStatusAsync(HttpResponseMessage response, HttpStatusCode status, ServedOperation operation)
    {
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(status == response.StatusCode, $"{operation}: {response.StatusCode} {body}");
        return body;
    }
}
