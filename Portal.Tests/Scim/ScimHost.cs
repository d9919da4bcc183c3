using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Portal.Tests.Support;

namespace Portal.Tests.Scim;

/// <summary>A Portal that a directory manages.</summary>
public sealed class ScimHost : IAsyncLifetime
{
    public const string Token = "b5f8c3a1d2e4f60718293a4b5c6d7e8f90a1b2c3", SecondToken = "0123456789-0123456789-0123456789._~+/=";

    internal const string PatchOp = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
    private const string UserSchema = "urn:ietf:params:scim:schemas:core:2.0:User", GroupSchema = "urn:ietf:params:scim:schemas:core:2.0:Group";
    private int _numbers;

    public PortalHost Host { get; } = new("Development", new Dictionary<string, string>
    {
        ["Scim:Token"] = Token, ["Scim:SecondToken"] = SecondToken, ["Scim:DefaultRole"] = "Viewer", ["Scim:Roles:Operator:0"] = "Portal operators",
        ["Scim:Roles:Administrator:0"] = "Portal administrators", ["Portal:TrustedProxies:0"] = "127.0.0.1",
    });

    /// <summary>A text that no other test uses.</summary>
    public string Unique(string name) => $"{name}{Interlocked.Increment(ref _numbers)}";

    internal Task<ScimAnswer> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null);

    internal Task<ScimAnswer> PostAsync(string path, string body) => SendAsync(HttpMethod.Post, path, body);

    internal Task<ScimAnswer> PatchAsync(string path, string operations) =>
        SendAsync(HttpMethod.Patch, path, $$"""{"schemas":["{{PatchOp}}"],"Operations":{{operations}}}""");

    internal async Task<ScimAnswer> SendAsync(HttpMethod method, string path, string? body, string? token = Token, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri($"/scim/v2{path}", UriKind.Relative));
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/scim+json");
        }

        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        foreach (var (name, value) in headers)
            if (name.StartsWith("Content-", StringComparison.Ordinal))
                request.Content!.Headers.TryAddWithoutValidation(name, value);
            else
                request.Headers.TryAddWithoutValidation(name, value);
        using var response = await Host.Client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new ScimAnswer(
            response.StatusCode, response.Content.Headers.ContentType?.MediaType, response.Headers.Location?.OriginalString, response.Headers.ETag?.ToString(), response.Headers.RetryAfter?.ToString(), text);
    }

    /// <returns>The ID of a new user.</returns>
    internal async Task<string> CreateUserAsync(string? userName = null, string extra = "")
    {
        var answer = await PostAsync("/Users", $$"""{"schemas":["{{UserSchema}}"],"userName":"{{userName ?? Unique("user") + "@example.com"}}"{{extra}}}""");
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        return answer.Id;
    }

    /// <returns>The ID of a new group.</returns>
    internal async Task<string> CreateGroupAsync(string? name = null, params string[] members)
    {
        var list = string.Join(',', members.Select(id => $$"""{"value":"{{id}}"}"""));
        var answer = await PostAsync("/Groups", $$"""{"schemas":["{{GroupSchema}}"],"displayName":"{{name ?? Unique("Group ")}}","members":[{{list}}]}""");
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        return answer.Id;
    }

    public ValueTask InitializeAsync() => Host.InitializeAsync();

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}

internal sealed record ScimAnswer(HttpStatusCode Status, string? MediaType, string? Location, string? ETag, string? RetryAfter, string Text)
{
    public JsonObject Json => JsonNode.Parse(Text)!.AsObject();
    public string Id => Json["id"]!.GetValue<string>();

    /// <summary>The status and keyword of an error, such as <c>400 invalidFilter</c>.</summary>
    public string Error
    {
        get
        {
            Assert.Equal("application/scim+json", MediaType);
            Assert.Equal("urn:ietf:params:scim:api:messages:2.0:Error", Json["schemas"]![0]!.GetValue<string>());
            Assert.Equal(((int)Status).ToString(System.Globalization.CultureInfo.InvariantCulture), Json["status"]!.GetValue<string>());
            Assert.NotEmpty(Json["detail"]!.GetValue<string>());
            return $"{(int)Status} {Json["scimType"]?.GetValue<string>()}".Trim();
        }
    }

    /// <summary>Checks that the answer contains everything of <paramref name="expected"/>. Lists have the same number of elements.</summary>
    public void Contains(string expected) => Contains(JsonNode.Parse(expected), Json, "");

    private static void Contains(JsonNode? expected, JsonNode? actual, string path)
    {
        switch (expected)
        {
            case JsonObject wanted:
                var found = Assert.IsType<JsonObject>(actual, exactMatch: false);
                Assert.All(wanted, property => Contains(property.Value, found[property.Key], $"{path}.{property.Key}"));
                break;
            case JsonArray wanted:
                var list = Assert.IsType<JsonArray>(actual, exactMatch: false);
                Assert.Equal((path, wanted.Count), (path, list.Count));
                for (var i = 0; i < wanted.Count; i++)
                    Contains(wanted[i], list[i], $"{path}[{i}]");
                break;
            default:
                Assert.Equal($"{path}: {expected?.ToJsonString()}", $"{path}: {actual?.ToJsonString()}");
                break;
        }
    }
}
