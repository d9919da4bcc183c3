using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.Accounts;
using Portal.Data;
using Portal.Data.Nodes;
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

    [Theory]
    [InlineData(ProcessRole.Gateway, "A node with Portal:Role Screens or All shows the code", FirstRun.CodeLabel)]
    [InlineData(ProcessRole.Screens, FirstRun.CodeLabel, "serves no pages")]
    public async Task Start_WithoutAUser_ShowsTheCodeOnANodeWithPages(ProcessRole role, string said, string notSaid)
    {
        using var log = new LogRecorder();
        await using var portal = await TestPortal.CreateAsync(
            settings: new() { [ProcessRoleSetting.Name] = role.ToString() }, services: services => services.AddLogging(logging => logging.AddProvider(log)));
        await portal.ExecuteAsync("DELETE FROM AspNetUserRoles; DELETE FROM AspNetUsers;");

        await portal.Services.PrepareFirstRunAsync();

        Assert.Contains(said, log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(notSaid, log.Text, StringComparison.Ordinal);
    }
}
