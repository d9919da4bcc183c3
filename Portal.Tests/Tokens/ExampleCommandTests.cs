using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Tokens;

public sealed class ExampleCommandTests
{
    [Theory]
    [InlineData("/billing", TestTokens.Billing)]
    [InlineData("/agreements", TestTokens.Agreements, TestTokens.Billing)]
    public async Task Curl_SomeModules_CallsTheFirstPathOfTheFirstOne(string path, params string[] modules)
    {
        await using var portal = await TestPortal.CreateAsync();
        var token = await portal.DetailsAsync((await portal.CreateAsync(TestTokens.Wanted("Shop", modules))).Handle);

        Assert.Equal(
            $"curl -H \"Authorization: ApiKey KEY\" https://portal.example/public/v1{path}",
            ExampleCommand.Curl("https://portal.example/", token, portal.Catalog, "ApiKey KEY"));
    }

    [Fact]
    public async Task Curl_NoModuleIsOfferedAnyMore_CallsWhatEveryTokenMayCall()
    {
        await using var portal = await TestPortal.CreateAsync();
        var token = await portal.DetailsAsync((await portal.CreateAsync()).Handle);
        var without = token with { Permissions = [.. token.Permissions.Select(permission => permission with { Enabled = false })] };

        Assert.EndsWith("/public/v1/auth/context", ExampleCommand.Curl("https://portal.example/", without, portal.Catalog, "KEY"));
    }
}
