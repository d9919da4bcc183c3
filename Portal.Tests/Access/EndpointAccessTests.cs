using System.Reflection;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.JSInterop;
using Portal.Access;

namespace Portal.Tests.Access;

/// <summary>What every kind of visitor gets from every endpoint. The endpoints are those of the running Portal: a new one fails the test until it is in
/// the table. <c>ServiceRolesTests</c> and <c>PageAccessTests</c> check what the pages then show and do.</summary>
public sealed class EndpointAccessTests(AccessHost portal) : IClassFixture<AccessHost>
{
    private const string ToLogin = "302 /login";

    /// <summary>Endpoints that need a key or a token: no session opens them.</summary>
    private static readonly string[] ForPrograms = ["/public/v1/", "/scim/v2/"];

    /// <summary>The outcome for each visitor, in the order of <see cref="Visitor"/>: the status, where it leads, and whether it shows the token.</summary>
    private static readonly Dictionary<string, string[]> Expected = new(StringComparer.Ordinal)
    {
        ["GET /"] = People("200"),
        ["POST /"] = People("400"),
        ["GET /.well-known/jwks.json"] = Everyone("200"),
        ["GET /_blazor"] = Circuits("401", "400"), // Not a WebSocket.
        ["POST /_blazor/disconnect/"] = Everyone("400"), // Without the ID of a circuit.
        ["GET /_blazor/initializers/"] = People("200"),
        ["POST /_blazor/negotiate"] = Circuits("401", "200"),
        ["GET /_framework/opaque-redirect"] = People("400"),
        ["GET /approvals"] = People("200"),
        ["POST /approvals"] = People("400"),
        ["GET /approvals/{id:long}"] = People("200"),
        ["POST /approvals/{id:long}"] = People("400"),
        ["GET /audit"] = People("200"),
        ["POST /audit"] = People("400"),
        ["GET /audit/export.csv"] = [.. Enumerable.Repeat(ToLogin, 4), "200", "403", "403", "200 token"],
        ["GET /audit/export.json"] = [.. Enumerable.Repeat(ToLogin, 4), "200", "403", "403", "200 token"],
        ["GET /calendar/{code}.ics"] = Everyone("404"), // With a wrong code.
        ["GET /change-password"] = People("200"),
        ["POST /change-password"] = People("400"),
        ["GET /error"] = Everyone("404"),
        ["POST /error"] = Everyone("404"),
        ["GET /forgot-password"] = Everyone("200"),
        ["POST /forgot-password"] = Everyone("400"),
        ["GET /health/live"] = Everyone("200"),
        ["GET /health/ready"] = Everyone("200"),
        ["GET /integrations"] = People("200"),
        ["POST /integrations"] = People("400"),
        ["GET /integrations/ip-rules"] = People("200"),
        ["POST /integrations/ip-rules"] = People("400"),
        ["GET /join"] = Everyone("200"),
        ["POST /join"] = Everyone("400"),
        ["GET /login"] = [.. Enumerable.Repeat("200", 4), .. Enumerable.Repeat("302 /tokens", 4)],
        ["POST /login"] = [.. Enumerable.Repeat("400", 4), .. Enumerable.Repeat("302 /tokens", 4)],
        ["GET /login/code"] = Everyone("200"),
        ["POST /login/code"] = Everyone("400"),
        ["POST /login/passkey"] = Everyone("204"), // Under an IP address, browsers have no passkeys.
        ["GET /login/problem"] = Everyone("200"),
        ["POST /login/problem"] = Everyone("400"),
        ["POST /logout"] = People("302 /sign-out"), // Without the antiforgery token: asks instead.
        ["GET /metrics"] = Everyone("404"),
        ["GET /new-password"] = Everyone("200"),
        ["POST /new-password"] = Everyone("400"),
        ["GET /not-found"] = Everyone("200"),
        ["POST /not-found"] = Everyone("400"),
        ["GET /openapi"] = Everyone("200"),
        ["GET /openapi/scalar.js"] = Everyone("200"),
        ["GET /openapi/v1.json"] = Everyone("200"),
        ["GET /profile"] = People("200"),
        ["POST /profile"] = People("400"),
        ["GET /setup"] = Everyone("404"), // There is an administrator.
        ["POST /setup"] = Everyone("404"),
        ["GET /sign-in-link"] = Everyone("200"),
        ["POST /sign-in-link"] = Everyone("400"),
        ["GET /sign-out"] = People("200"),
        ["POST /sign-out"] = People("400"),
        // Without providers in the configuration.
        ["GET /signin-confirmed"] = People("200"),
        ["POST /signin-confirmed"] = People("400"),
        ["GET /signin/{provider}/connect"] = People("404"),
        ["GET /signin/{provider}/join"] = Everyone("404"),
        ["POST /signin/{provider}/logout"] = Everyone("404"),
        ["GET /signin/{provider}/prove"] = People("404"),
        ["GET /signin/{provider}/signed-out"] = Everyone("302 /login"),
        ["GET /signin/{provider}/start"] = Everyone("404"),
        ["GET /tokens"] = People("200"),
        ["POST /tokens"] = People("400"),
        ["GET /tokens/create"] = People("200"),
        ["POST /tokens/create"] = People("400"),
        ["GET /tokens/export.csv"] = People("200 token", stranger: "200"),
        ["GET /tokens/export.json"] = People("200 token", stranger: "200"),
        ["GET /tokens/deleted"] = People("200"),
        ["POST /tokens/deleted"] = People("400"),
        ["GET /tokens/{handle}"] = People("200"), // The page finds the token, or not, after it has opened its circuit.
        ["POST /tokens/{handle}"] = People("400"),
        ["GET /tokens/{handle}/edit"] = People("200"),
        ["POST /tokens/{handle}/edit"] = People("400"),
        ["GET /tokens/{handle}/not-mine"] = People("200"),
        ["POST /tokens/{handle}/not-mine"] = People("400"),
        ["GET /tokens/{handle}/statistics.csv"] = People("200", stranger: "404"),
        ["GET /nodes"] = People("200"),
        ["POST /nodes"] = People("400"),
        ["GET /policies"] = People("200"),
        ["POST /policies"] = People("400"),
        ["GET /policies/{Id}"] = People("200"),
        ["POST /policies/{Id}"] = People("400"),
        ["GET /templates"] = People("200"),
        ["POST /templates"] = People("400"),
        ["GET /templates/{Id}"] = People("200"),
        ["POST /templates/{Id}"] = People("400"),
        ["GET /users"] = People("200"),
        ["POST /users"] = People("400"),
        ["GET /webhooks"] = People("200"),
        ["POST /webhooks"] = People("400"),
        ["GET /webhooks/{id:long}"] = People("200"), // As for a token.
        ["POST /webhooks/{id:long}"] = People("400"),
        ["GET /{**path:file}"] = People("404"), // Static files in development.
    };

    /// <summary>The methods that a browser can call once it has a connection, which needs a session (<c>/_blazor</c> and <c>/_blazor/negotiate</c>).
    /// <c>StartCircuit</c>, <c>ConnectCircuit</c> and <c>ResumeCircuit</c> open a circuit; the others need one of that connection. <c>SessionWatch</c> ends
    /// a circuit with its session.</summary>
    private static readonly string[] HubMethods =
    [
        "BeginInvokeDotNetFromJS", "ConnectCircuit", "EndInvokeJSFromDotNet", "OnDisconnectedAsync", "OnLocationChanged", "OnLocationChanging", "OnRenderCompleted",
        "PauseCircuit", "ReceiveByteArray", "ReceiveJSDataChunk", "ResumeCircuit", "SendDotNetStreamToJS", "StartCircuit", "UpdateRootComponents",
    ];

    /// <summary>The methods of components that scripts call, and what they do.</summary>
    private static readonly Dictionary<string, string> ScriptMethods = new(StringComparer.Ordinal)
    {
        ["BrowserScript.Answer"] = "Answers, and does nothing.",
    };

    [Fact]
    public async Task Endpoints_EachVisitor_GetsWhatTheTableSays()
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (method, path) in Endpoints().Where(endpoint => !IsForPrograms(endpoint.Path)))
        {
            var outcomes = new List<string>();
            foreach (var visitor in Enum.GetValues<Visitor>())
                outcomes.Add(await portal.AskAsync(visitor, method, path.Replace("{handle}", portal.Handle, StringComparison.Ordinal).Replace("{id:long}", "1", StringComparison.Ordinal)));
            found[$"{method} {path}"] = string.Join(", ", outcomes);
        }

        string[] expected = [.. Expected.Select(row => $"{row.Key}: {string.Join(", ", row.Value)}")], actual = [.. found.Select(row => $"{row.Key}: {row.Value}")];
        Assert.True(
            actual.ToHashSet().SetEquals(expected), $"Found, but not in the table:\n{string.Join('\n', actual.Except(expected))}\nIn the table, but not found:\n{string.Join('\n', expected.Except(actual))}");
    }

    [Theory]
    [InlineData(Visitor.Anonymous)]
    [InlineData(Visitor.Administrator)]
    public async Task EndpointsForPrograms_WithASessionAlone_Answer401(Visitor visitor)
    {
        var endpoints = Endpoints().Where(endpoint => IsForPrograms(endpoint.Path)).ToList();
        Assert.All(ForPrograms, prefix => Assert.True(endpoints.Count(endpoint => endpoint.Path.StartsWith(prefix, StringComparison.Ordinal)) > 15));
        foreach (var (method, path) in endpoints)
            Assert.Equal((method, path, "401"), (method, path, await portal.AskAsync(visitor, method, path.Replace("{**rest}", "x", StringComparison.Ordinal))));
    }

    [Fact]
    public void HubMethods_NewOne_IsInTheTable()
    {
        var hub = typeof(CircuitOptions).Assembly.GetType("Microsoft.AspNetCore.Components.Server.ComponentHub", throwOnError: true)!;
        Assert.True(typeof(Hub).IsAssignableFrom(hub));
        var methods = hub.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Select(method => method.Name).Distinct();
        Assert.Equal(HubMethods, methods.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void ScriptMethods_NewOne_IsInTheTable()
    {
        var methods = typeof(AccessControl).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Where(method => method.IsDefined(typeof(JSInvokableAttribute))).Select(method => $"{method.DeclaringType!.Name}.{method.Name}");
        Assert.Equal(ScriptMethods.Keys.Order(StringComparer.Ordinal), methods.Order(StringComparer.Ordinal));
    }

    /// <summary>Everyone gets the same.</summary>
    private static string[] Everyone(string outcome) => [.. Enumerable.Repeat(outcome, 8)];

    /// <summary>Without a valid session, visitors must sign in.</summary>
    private static string[] People(string outcome, string? stranger = null) => [.. Enumerable.Repeat(ToLogin, 4), stranger ?? outcome, outcome, outcome, outcome];

    /// <summary>Scripts don't follow a redirect to a page.</summary>
    private static string[] Circuits(string refusal, string outcome) => [.. Enumerable.Repeat($"{refusal} /login", 4), .. Enumerable.Repeat(outcome, 4)];

    private static bool IsForPrograms(string path) => ForPrograms.Any(prefix => path.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>Lists methods and paths, without static files. HEAD is GET without the body.</summary>
    private IEnumerable<(string Method, string Path)> Endpoints() => portal.Host.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
        .Where(endpoint => !endpoint.Metadata.Any(item => item.GetType().Name == "StaticAssetDescriptor"))
        .SelectMany(endpoint => (endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []).Where(method => method != "HEAD").DefaultIfEmpty(UsualMethod(endpoint))
            .Select(method => (method, "/" + endpoint.RoutePattern.RawText!.TrimStart('/'))))
        .Distinct();

    /// <summary>The method of an endpoint that accepts every method.</summary>
    private static string UsualMethod(RouteEndpoint endpoint) =>
        endpoint.RoutePattern.RawText is { } path && (path.Contains("negotiate", StringComparison.Ordinal) || path.Contains("disconnect", StringComparison.Ordinal)) ? "POST" : "GET";
}
