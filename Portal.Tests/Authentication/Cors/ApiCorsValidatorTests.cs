using Portal.Authentication.Cors;

namespace Portal.Tests.Authentication.Cors;

public sealed class ApiCorsValidatorTests
{
    [Theory]
    [InlineData("https://app.example.com")]
    [InlineData("http://localhost:3000")]
    [InlineData("https://*.example.com:8443")]
    [InlineData("https://xn--bcher-kva.example")]
    [InlineData("http://127.0.0.1:5173")]
    [InlineData("http://[::1]:5173")]
    [InlineData("*")]
    public void Origin_AsBrowsersSendIt_IsAccepted(string origin) => Assert.Empty(Faults(new ApiCorsOptions { Origins = [origin] }));

    [Theory]
    [InlineData("https://app.example.com/", "as browsers send it: https://app.example.com,")]
    [InlineData("https://app.example.com/app", "as browsers send it: https://app.example.com,")]
    [InlineData("https://App.example.com", "as browsers send it: https://app.example.com,")]
    [InlineData("https://app.example.com:443", "as browsers send it: https://app.example.com,")]
    [InlineData("https://*.example.com/", "as browsers send it: https://*.example.com,")]
    [InlineData("https://bücher.example", "as browsers send it: https://xn--bcher-kva.example,")]
    [InlineData("app.example.com", "must be an origin like")]
    [InlineData("null", "must be an origin like")]
    [InlineData("", "must be an origin like")]
    [InlineData("file:///x", "must be an origin like")]
    [InlineData("https://app*.example.com", "must be an origin like")]
    [InlineData("https://*.*.example.com", "must be an origin like")]
    public void Origin_AnythingElse_IsNamedWithWhatToWrite(string origin, string expected)
    {
        var fault = Assert.Single(Faults(new ApiCorsOptions { Origins = ["https://a.example", origin] }));
        Assert.StartsWith($"Api:Cors:Origins:1 \"{origin}\" ", fault, StringComparison.Ordinal);
        Assert.Contains(expected, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_ThatBrowsersOrNobodyWouldFollow_AreNamed()
    {
        Assert.Contains("Api:Cors:AllowCredentials can't be combined with the origin *", Assert.Single(Faults(new ApiCorsOptions { Origins = ["*"], AllowCredentials = true })), StringComparison.Ordinal);
        Assert.Contains("Api:Cors:Origins is empty", Assert.Single(Faults(new ApiCorsOptions { AllowCredentials = true })), StringComparison.Ordinal);
        Assert.Contains("Api:Cors:MaxAge 2.00:00:00 must be", Assert.Single(Faults(new ApiCorsOptions { MaxAge = TimeSpan.FromDays(2) })), StringComparison.Ordinal);
        Assert.Contains("Api:Cors:Methods:0 \"GET, POST\" must be a single name", Assert.Single(Faults(new ApiCorsOptions { Origins = ["*"], Methods = ["GET, POST"] })), StringComparison.Ordinal);
        Assert.Contains("Api:Cors:ExposedHeaders:1 \"\" must be a single name", Assert.Single(Faults(new ApiCorsOptions { Origins = ["*"], ExposedHeaders = ["X-A", ""] })), StringComparison.Ordinal);
    }

    private static IEnumerable<string> Faults(ApiCorsOptions options) => new ApiCorsValidator().Validate(null, options).Failures ?? [];
}
