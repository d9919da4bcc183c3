using System.Net;
using System.Text;
using Microsoft.Extensions.Options;
using Portal.Scim;
using Portal.Tests.Support;

namespace Portal.Tests.Scim;

/// <summary>Who may use the endpoints, and how much they accept.</summary>
public sealed class ScimGateTests(ScimHost scim) : IClassFixture<ScimHost>
{
    [Theory]
    [InlineData(null)]
    [InlineData("wrong")]
    [InlineData("b5f8c3a1d2e4f60718293a4b5c6d7e8f90a1b2c4")]
    [InlineData("B5F8C3A1D2E4F60718293A4B5C6D7E8F90A1B2C3")]
    public async Task Request_WithoutTheToken_IsRefused(string? token)
    {
        foreach (var (method, path) in new[] { (HttpMethod.Get, "/Users"), (HttpMethod.Post, "/Users"), (HttpMethod.Get, "/ServiceProviderConfig"), (HttpMethod.Get, "/nothing") })
        {
            var answer = await scim.SendAsync(method, path, null, token, ("X-Forwarded-For", $"198.51.100.{scim.Unique("")}"), ("X-Forwarded-Proto", "https"));
            Assert.Equal("401", answer.Error);
        }
    }

    [Theory]
    [InlineData("Basic " + ScimHost.Token)]
    [InlineData(ScimHost.Token)]
    [InlineData("Bearer")]
    [InlineData("Bearer a, Bearer b")]
    public async Task Request_WithAnotherScheme_IsRefused(string header) =>
        Assert.Equal("401", (await scim.SendAsync(HttpMethod.Get, "/Users", null, null, ("Authorization", header))).Error);

    [Fact]
    public async Task Request_WithTheSecondToken_IsServed() =>
        Assert.Equal(HttpStatusCode.OK, (await scim.SendAsync(HttpMethod.Get, "/ResourceTypes", null, ScimHost.SecondToken)).Status);

    /// <summary>The right token is accepted in any case: nobody can lock out the directory behind the same address.</summary>
    [Fact]
    public async Task Request_ManyWrongTokens_AreLimitedForThisAddress()
    {
        (string, string)[] from = [("X-Forwarded-For", "203.0.113.77"), ("X-Forwarded-Proto", "https")];
        for (var i = 0; i < 20; i++)
            Assert.Equal("401", (await scim.SendAsync(HttpMethod.Get, "/Users", null, "wrong", from)).Error);
        var refused = await scim.SendAsync(HttpMethod.Get, "/Users", null, "wrong", from);
        Assert.Equal("429", refused.Error);
        Assert.InRange(int.Parse(refused.RetryAfter!, System.Globalization.CultureInfo.InvariantCulture), 1, 300);
        Assert.Equal(HttpStatusCode.OK, (await scim.SendAsync(HttpMethod.Get, "/Users?count=0", null, headers: from)).Status);
        Assert.Equal("401", (await scim.SendAsync(HttpMethod.Get, "/Users", null, "wrong", ("X-Forwarded-For", "203.0.113.78"), ("X-Forwarded-Proto", "https"))).Error);
    }

    [Fact]
    public async Task Request_InPlainTextFromElsewhere_IsRefused()
    {
        Assert.Equal("403", (await scim.SendAsync(HttpMethod.Get, "/Users", null, headers: ("X-Forwarded-For", "203.0.113.5"))).Error);
        var served = await scim.SendAsync(HttpMethod.Get, "/ResourceTypes/User", null, headers: [("X-Forwarded-For", "203.0.113.5"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "portal.example.com"), ("X-Forwarded-Prefix", "/portal")]);
        served.Contains("""{"meta":{"location":"https://portal.example.com/portal/scim/v2/ResourceTypes/User"}}""");
    }

    [Fact]
    public async Task Endpoints_WithoutATokenInTheConfiguration_DoNotExist()
    {
        await using var host = new PortalHost();
        await host.InitializeAsync();
        foreach (var path in new[] { "/scim/v2/Users", "/scim/v2/ServiceProviderConfig" })
            using (var answer = await host.SendAsync("Bearer " + ScimHost.Token, path))
                Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task EverythingLogged_TokensAndPasswords_AreNotWrittenDown()
    {
        const string Wrong = "fedcba9876543210fedcba9876543210fedcba98", Password = "hunter2hunter2";
        await using var host = new PortalHost("Development", new Dictionary<string, string>
        {
            ["Scim:Token"] = ScimHost.Token, ["Logging:LogLevel:Default"] = "Trace", ["Logging:LogLevel:Microsoft.AspNetCore"] = "Trace", ["Logging:LogLevel:Microsoft.EntityFrameworkCore"] = "Trace",
        });
        await host.InitializeAsync();
        foreach (var token in new[] { ScimHost.Token, Wrong })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/scim/v2/Users") { Content = new StringContent($$"""{"userName":"{{token[..4]}}","password":"{{Password}}"}""", Encoding.UTF8, "application/json") };
            request.Headers.Authorization = new("Bearer", token);
            (await host.Client.SendAsync(request, TestContext.Current.CancellationToken)).Dispose();
        }

        await using var context = await host.ContextAsync();
        var written = host.Log.Text + string.Join('\n', context.AuditEntries.Select(entry => entry.Details + entry.TargetName));
        Assert.Contains("/scim/v2/Users", written, StringComparison.Ordinal);
        Assert.All([ScimHost.Token, Wrong, Password], secret => Assert.DoesNotContain(secret, written, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Body_ThatCannotBeRead_IsRefused()
    {
        async Task<string> PostAsync(string body) => (await scim.PostAsync("/Users", body)).Error;
        Assert.Equal("400 invalidSyntax", await PostAsync("{"));
        Assert.Equal("400 invalidSyntax", await PostAsync(""));
        Assert.Equal("400 invalidSyntax", await PostAsync("[]"));
        Assert.Equal("400 invalidSyntax", await PostAsync("""{"userName":"a","USERNAME":"b"}"""));
        Assert.Equal("400 invalidSyntax", await PostAsync("""{"userName":"\ud800"}"""));
        Assert.Equal("400 invalidSyntax", await PostAsync(string.Concat(Enumerable.Repeat("{\"a\":", 20)) + "1" + new string('}', 20)));
        Assert.Equal("400 invalidValue", await PostAsync("""{"schemas":["urn:x"],"userName":"a"}"""));
        Assert.Equal("400 invalidValue", await PostAsync("""{"userName":7}"""));
        Assert.Equal("400 invalidValue", await PostAsync("""{"userName":"x","emails":["x@example.com"]}"""));
        Assert.Equal("400 invalidValue", await PostAsync("""{"userName":"x","emails":[{"value":"no address"}]}"""));
        Assert.Equal("400 invalidValue", await PostAsync("""{"userName":"x","active":"perhaps"}"""));
        Assert.Equal("400 invalidValue", await PostAsync("""{"userName":"x","name":"y"}"""));
        Assert.Equal("400 invalidValue", await PostAsync($$"""{"userName":"{{new string('x', 257)}}"}"""));
        Assert.Equal("400 invalidValue", await PostAsync("""{"userName":"x","displayName":"a\u0000b"}"""));
        Assert.Equal("400 invalidValue", await PostAsync("""{"userName":"x\uffff"}"""));
        // The client waits with the body, because the server closes the connection.
        Assert.Equal("413", (await scim.SendAsync(HttpMethod.Post, "/Users", $$"""{"userName":"{{new string('x', ScimBody.Largest)}}"}""", headers: ("Expect", "100-continue"))).Error);
        Assert.Equal("415", (await scim.SendAsync(HttpMethod.Post, "/Users", """{"userName":"x"}""", headers: ("Content-Encoding", "gzip"))).Error);
        using var form = new HttpRequestMessage(HttpMethod.Post, "/scim/v2/Users") { Content = new StringContent("userName=x", Encoding.UTF8, "application/x-www-form-urlencoded") };
        form.Headers.Authorization = new("Bearer", ScimHost.Token);
        using var answer = await scim.Host.Client.SendAsync(form, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
    }

    [Fact]
    public async Task Patch_ThatIsNoPatch_IsRefused()
    {
        var id = await scim.CreateUserAsync();
        async Task<string> PatchAsync(string operations) => (await scim.PatchAsync($"/Users/{id}", operations)).Error;
        Assert.Equal("400 invalidSyntax", await PatchAsync("[]"));
        Assert.Equal("400 invalidSyntax", await PatchAsync("[1]"));
        Assert.Equal("400 invalidSyntax", await PatchAsync("""[{"op":"move","path":"userName"}]"""));
        Assert.Equal("400 invalidValue", await PatchAsync("""[{"op":"add","value":"x"}]"""));
        Assert.Equal("400 invalidValue", await PatchAsync("""[{"op":"add","path":"name","value":"x"}]"""));
        Assert.Equal("400 invalidValue", await PatchAsync("""[{"op":"add","path":"userName","value":{"a":1}}]"""));
        Assert.Equal("400 invalidValue", await PatchAsync("""[{"op":"add","path":"emails","value":[7]}]"""));
        Assert.Equal("400 invalidValue", await PatchAsync("""[{"op":"replace","path":"emails[type eq \"work\"]","value":"x"}]"""));
        Assert.Equal("400 invalidPath", await PatchAsync("""[{"op":"add","path":"emails[type eq","value":"x"}]"""));
        Assert.Equal("400 invalidPath", await PatchAsync("""[{"op":"add","path":"userName[type eq \"x\"]","value":"x"}]"""));
        Assert.Equal("413", await PatchAsync($"[{string.Join(',', Enumerable.Repeat("""{"op":"add","path":"title","value":"x"}""", ScimPatch.MostOperations + 1))}]"));
    }

    [Theory]
    [InlineData("Scim:Token", "short", "32 to 1024 characters")]
    [InlineData("Scim:Token", "spaces are not allowed in a bearer token", "32 to 1024 characters")]
    [InlineData("Scim:TokenFile", "/nowhere/token", "can't be read")]
    [InlineData("Scim:SecondToken", ScimHost.Token, "without Scim:Token")]
    public void Settings_ThatCannotBeUsed_AreRefusedWithoutTheToken(string key, string value, string fault)
    {
        var options = new ScimOptions();
        typeof(ScimOptions).GetProperty(key.Split(':')[1])!.SetValue(options, value);
        var result = new ScimValidator().Validate(null, options);
        Assert.True(result.Failed);
        Assert.Contains(fault, result.FailureMessage, StringComparison.Ordinal);
        Assert.StartsWith(key, result.FailureMessage, StringComparison.Ordinal);
        Assert.True(key.EndsWith("File", StringComparison.Ordinal) || !result.FailureMessage.Contains(value, StringComparison.Ordinal));
    }

    [Fact]
    public void Tokens_FromAFile_AreReadWithoutTheEndOfTheLine()
    {
        var path = Path.Combine(Path.GetTempPath(), $"portal-token-{Guid.CreateVersion7()}");
        File.WriteAllText(path, ScimHost.Token + "\n");
        try
        {
            var options = new ScimOptions { TokenFile = path };
            Assert.True(new ScimValidator().Validate(null, options).Succeeded);
            var tokens = new ScimTokens(Options.Create(options));
            Assert.True(tokens.Accepts("bearer " + ScimHost.Token));
            Assert.False(tokens.Accepts("Bearer "));
            Assert.True(new ScimValidator().Validate(null, new ScimOptions { Token = ScimHost.Token, TokenFile = path }).Failed);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
