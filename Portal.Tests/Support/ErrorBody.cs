using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Serialization;

namespace Portal.Tests.Support;

/// <summary>The API's error format.</summary>
internal sealed record ErrorBody([property: JsonPropertyName("error_code")] string Code, [property: JsonPropertyName("errors")] string[] Errors,
    [property: JsonPropertyName("request_id")] string RequestId)
{
    public static async Task<ErrorBody> ReadAsync(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync<ErrorBody>(TestContext.Current.CancellationToken))!;

    /// <summary>Asserts a refusal with this status and code, in the API's error format.</summary>
    /// <returns>The errors, one per line.</returns>
    public static async Task<string> AssertAsync(HttpResponseMessage response, HttpStatusCode status, string code)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        var body = await ReadAsync(response);
        Assert.Equal(code, body.Code);
        Assert.NotEmpty(body.RequestId);
        if (status == HttpStatusCode.Unauthorized)
            Assert.Equal("ApiKey", response.Headers.WwwAuthenticate.ToString());
        return string.Join('\n', body.Errors);
    }
}
