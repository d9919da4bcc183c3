using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Data;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Api;

/// <summary>Calls of Portal's own part of the API, as a client makes them.</summary>
internal static class ApiCalls
{
    public const string TokensPath = "/public/v1/auth/tokens";

    /// <param name="body">JSON; null for no body.</param>
    /// <param name="ifMatch">The value of the header; null for none.</param>
    /// <param name="idempotencyKey">The value of the header; null for none.</param>
    public static Task<HttpResponseMessage> CallAsync(
        this PortalHost portal, ApiKey key, string method, string path, string? body = null, string? ifMatch = null, string mediaType = "application/json",
        string? idempotencyKey = null)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.TryAddWithoutValidation("Authorization", key.ToHeaderValue());
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        if (idempotencyKey is not null)
            request.Headers.TryAddWithoutValidation("Idempotency-Key", idempotencyKey);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, mediaType);
        return portal.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Asserts the status, and returns the body.</summary>
    public static async Task<JsonElement> JsonAsync(this Task<HttpResponseMessage> call, HttpStatusCode status = HttpStatusCode.OK)
    {
        using var response = await call;
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(status == response.StatusCode, $"{response.StatusCode}: {text}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.True(response.Headers.CacheControl?.NoStore);
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>Asserts a refusal.</summary>
    /// <returns>The errors, one per line.</returns>
    public static async Task<string> RefusedAsync(this Task<HttpResponseMessage> call, HttpStatusCode status, string code)
    {
        using var response = await call;
        return await ErrorBody.AssertAsync(response, status, code);
    }

    public static Task<string> InvalidAsync(this Task<HttpResponseMessage> call) => call.RefusedAsync(HttpStatusCode.BadRequest, "VAL_001");

    public static string TextOf(this JsonElement body, string name) => body.GetProperty(name).GetString()!;

    public static string Handle(this JsonElement token) => token.TextOf("id");

    /// <summary>The names of a body's fields, in order.</summary>
    public static string FieldsOf(JsonElement body) => string.Join(' ', body.EnumerateObject().Select(field => field.Name));

    /// <summary>The modules that a token's body names.</summary>
    public static string ModulesOf(JsonElement token) =>
        string.Join(' ', token.GetProperty("permissions").EnumerateArray().Select(permission => permission.GetProperty("object").TextOf("id")));

    /// <summary>Whether the API accepts a key from a body.</summary>
    public static async Task<bool> IsAcceptedAsync(this PortalHost portal, string key)
    {
        using var response = await portal.SendAsync(key, "/public/v1/auth/context");
        return response.StatusCode == HttpStatusCode.OK;
    }

    /// <summary>Creates a token of another account, which must be neither found nor changed.</summary>
    public static async Task<string> ForeignAsync(this PortalHost portal)
    {
        await using (var context = await portal.ContextAsync())
            if (!await context.Accounts.AnyAsync(account => account.Id == "PA-900-900"))
            {
                context.Accounts.Add(new Account { Id = "PA-900-900", Name = "Another account", CreatedAt = portal.Clock.GetUtcNow().UtcDateTime });
                await context.SaveChangesAsync();
            }

        var wanted = new NewToken(Guid.CreateVersion7(), $"Foreign {Guid.CreateVersion7()}", null, null, null, "EXT-000", ModuleChoice.All);
        return Assert.IsType<TokenOutcome.Done>(await portal.Tokens.CreateAsync(portal.Administrator with { Kind = ActorKind.System, AccountId = "PA-900-900" }, wanted)).Handle;
    }
}
