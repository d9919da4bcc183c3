using Portal.Tokens;

namespace Portal.Tests.Gateway.ForwardAuth;

/// <summary>The requests with which the proxies ask, header by header.</summary>
internal static class Question
{
    public const string Client = "192.0.2.7";

    /// <summary>Creates a request in the format of a proxy.</summary>
    /// <param name="key">Null if the client sent none.</param>
    public static HttpRequestMessage From(string proxy, ApiKey? key, string uri, string method = "GET", string address = Client)
    {
        var request = proxy switch
        {
            "nginx" => Ask("GET", "/forward-auth/nginx", ("X-Original-Method", method), ("X-Original-URI", uri), ("X-Real-IP", address)),
            "envoy" => Ask(method, "/forward-auth/envoy" + uri, ("X-Real-IP", address), ("x-envoy-internal", "true"), ("X-Forwarded-For", "10.0.0.9")),
            _ => Ask(
                "GET", "/forward-auth/" + proxy, ("X-Forwarded-Method", method), ("X-Forwarded-Uri", uri), ("X-Forwarded-For", address),
                ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "api.example.com")),
        };
        if (key is not null)
            request.Headers.TryAddWithoutValidation("Authorization", key.ToHeaderValue());
        return request;
    }

    public static HttpRequestMessage Ask(string method, string target, params (string Name, string Value)[] headers)
    {
        // The address is sent as written, including dot segments.
        var request = new HttpRequestMessage(new HttpMethod(method), target);
        foreach (var (name, value) in headers)
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        return request;
    }

    public static string? HeaderOf(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? string.Join('|', values) : null;
}
