using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Accounts;
using Portal.Data;
using Portal.Tests.Support;

namespace Portal.Tests.Accounts;

public sealed class FirstRunRedirectTests
{
    [Theory]
    [InlineData("", "/setup")]
    [InlineData("/portal", "/portal/setup")]
    public async Task Page_WithoutAUser_LeadsToTheSetupBelowThePublicPath(string pathBase, string expected)
    {
        using var directory = new TemporaryDirectory();
        await using var portal = TestPortal.Open(directory.Path);
        await portal.Services.MigrateDatabaseAsync(TestContext.Current.CancellationToken);
        var firstRun = portal.Services.GetRequiredService<FirstRun>();
        await using (var database = await portal.Services.GetRequiredService<IDbContextFactory<PortalDbContext>>().CreateDbContextAsync(TestContext.Current.CancellationToken))
            await firstRun.PrepareAsync(database);
        var context = new DefaultHttpContext { Request = { Method = "GET", PathBase = pathBase, Path = "/tokens" } };

        await new FirstRunRedirect(_ => Task.CompletedTask, firstRun).InvokeAsync(context);

        Assert.Equal((StatusCodes.Status302Found, expected), (context.Response.StatusCode, context.Response.Headers.Location.ToString()));
    }
}
