using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.Access;
using Portal.Accounts;
using Portal.Audit;
using Portal.Catalog;
using Portal.Data;
using Portal.Demo;
using Portal.Hosting;
using Portal.IpRules;
using Portal.Mail;
using Portal.Notices;
using Portal.Policies;
using Portal.Statistics;
using Portal.Tokens;
using Portal.Tokens.Reading;
using Portal.Wire;

namespace Portal.Tests.Demo;

public sealed class DemoDataTests(DemoDataTests.Seeded seeded) : IClassFixture<DemoDataTests.Seeded>
{
    private static CancellationToken Cancellation => Xunit.TestContext.Current.CancellationToken;

    [Fact]
    public async Task Create_Tokens_ShowEveryStatusAndExtension()
    {
        var page = await seeded.Get<TokenReader>().ListAsync(seeded.Actor, new TokenQuery { WithDeleted = true, PageSize = 100 }, Cancellation);

        Assert.InRange(page.Rows.Count, 25, 30);
        Assert.Equal(Enum.GetValues<TokenStatus>(), page.Rows.Select(token => token.Status).Distinct().Order());
        Assert.Equal(seeded.Get<ModuleCatalog>().Extensions.Select(extension => extension.Id).Order(), page.Rows.Select(token => token.Extension.Id).Distinct().Order());
        Assert.True(page.Rows.Select(token => token.Created.ByName).Distinct().Count() > 1);
        Assert.Contains(page.Rows, token => token is { AllModules: false, ModuleCount: 1 });
    }

    [Fact]
    public async Task Create_PrintedKey_IsThatOfAnActiveTokenWithAllModules()
    {
        var handle = seeded.Credentials.ApiKey.Split(' ', ':')[1];
        var token = await seeded.Get<TokenReader>().FindAsync(seeded.Actor, handle, Cancellation);

        Assert.Equal((TokenStatus.Active, true), (token!.Status, token.AllModules));
    }

    [Fact]
    public async Task Create_Requests_LieInTheLifeOfTheirTokenAndAgreeWithItsLastUse()
    {
        await using var context = await seeded.Get<IDbContextFactory<PortalDbContext>>().CreateDbContextAsync(Cancellation);
        var tokens = await context.Tokens.AsNoTracking().ToListAsync(Cancellation);
        var counts = (await context.DailyCounts.AsNoTracking().ToListAsync(Cancellation)).ToLookup(count => count.TokenId);

        Assert.All(tokens, token =>
        {
            Assert.All(counts[token.Id], count => Assert.True(count.Day > DateOnly.FromDateTime(token.CreatedAt) && count.Count > 0));
            if (counts[token.Id].Where(count => count.Reason != CountReason.RetiredKey).Select(count => (DateOnly?)count.Day).Max() is { } last)
                Assert.Equal(last, DateOnly.FromDateTime(token.LastUsedAt!.Value));
        });
        Assert.Contains(tokens, token => !counts.Contains(token.Id));
        Assert.Equal(
            ["", ErrorCodes.TokenNotUsable, ErrorCodes.AddressNotAllowed, ErrorCodes.ModuleNotEnabled, ErrorCodes.NotFound, ErrorCodes.TooManyRequests, CountReason.RetiredKey],
            counts.SelectMany(token => token).Select(count => count.Reason).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal([2, 3, 4, 5], counts.SelectMany(token => token).Select(count => count.StatusCode / 100).Distinct().Order());
    }

    [Fact]
    public async Task Create_Audit_TellsTheStoryInOrderOfTimeWithoutAKey()
    {
        await using var context = await seeded.Get<IDbContextFactory<PortalDbContext>>().CreateDbContextAsync(Cancellation);
        var entries = await context.AuditEntries.AsNoTracking().OrderBy(entry => entry.Id).ToListAsync(Cancellation);
        var tokens = await context.Tokens.CountAsync(Cancellation);

        Assert.Equal(entries.OrderBy(entry => entry.At).Select(entry => entry.Id), entries.Select(entry => entry.Id));
        Assert.Equal(tokens, entries.Count(entry => entry.Action == AuditAction.TokenCreated));
        Assert.All(
            [TokenAction.Rotate.AuditCode, TokenAction.Renew.AuditCode, TokenAction.Disable.AuditCode, TokenAction.Enable.AuditCode, TokenAction.Delete.AuditCode, AuditAction.TokenUpdated],
            action => Assert.Contains(entries, entry => entry.Action == action));
        Assert.DoesNotContain(entries, entry => entry.Details?.Contains(seeded.Credentials.ApiKey.Split(':')[1]) == true);
    }

    [Fact]
    public void Describe_EveryInterface_NamesThisMachine() =>
        Assert.Contains("http://localhost:5080/public/v1/agreements", seeded.Credentials.Describe("http://[::]:5080"));

    /// <summary>A demonstration's data without a server in front of it.</summary>
    public sealed class Seeded : IAsyncLifetime
    {
        private readonly PortalRun _run = PortalRun.Parse(["--demo"]);
        private WebApplication? _app;

        internal DemoCredentials Credentials { get; private set; } = default!;
        internal Actor Actor { get; private set; } = default!;

        public T Get<T>() where T : notnull => _app!.Services.GetRequiredService<T>();

        public async ValueTask InitializeAsync()
        {
            var builder = _run.CreateBuilder();
            builder.Logging.ClearProviders();
            builder.AddData();
            builder.AddCatalog();
            builder.AddAccess();
            builder.AddAudit();
            builder.AddStatistics();
            builder.AddMail();
            builder.AddPolicies();
            builder.AddAccounts();
            builder.AddIpRules();
            builder.AddTokens();
            builder.AddNotices();
            _app = builder.Build();
            await _app.Services.MigrateDatabaseAsync();
            Credentials = await DemoData.CreateAsync(_app.Services);
            await using var context = await Get<IDbContextFactory<PortalDbContext>>().CreateDbContextAsync();
            var account = await context.Accounts.SingleAsync();
            Actor = new Actor(ActorKind.System, "test", "Test", account.Id, Role.Viewer);
        }

        public async ValueTask DisposeAsync()
        {
            await _app!.DisposeAsync();
            await _run.DisposeAsync();
        }
    }
}
