using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MimeKit;
using Portal.Data;
using Portal.Notices;
using Portal.Tests.Support;

namespace Portal.Tests.Notices;

/// <summary>A portal with a mail server, and shortcuts for tests of notices.</summary>
internal sealed class NoticePortal : IAsyncDisposable
{
    private NoticePortal(TestPortal portal, TestMailServer server) => (Portal, Server) = (portal, server);

    public TestPortal Portal { get; }
    public TestMailServer Server { get; }
    public NoticeWorker Worker => Portal.Services.GetRequiredService<NoticeWorker>();
    public IReadOnlyList<MimeMessage> Mails => [.. Server.Mails];

    public static async Task<NoticePortal> CreateAsync(Dictionary<string, string?>? settings = null, Action<IServiceCollection>? services = null, TestMailServer? server = null)
    {
        server ??= TestMailServer.Start();
        var all = server.Settings;
        foreach (var (name, value) in settings ?? [])
            all[name] = value;
        return new NoticePortal(await TestPortal.CreateAsync(settings: all, services: services), server);
    }

    public async ValueTask DisposeAsync()
    {
        await Portal.DisposeAsync();
        await Server.DisposeAsync();
    }

    /// <summary>Advances the clock and writes and mails what is due.</summary>
    public async Task RunAfterAsync(TimeSpan time)
    {
        Portal.Clock.Advance(time);
        await Worker.RunAsync(TestContext.Current.CancellationToken);
    }

    public Task RunAfterAsync(int days) => RunAfterAsync(TimeSpan.FromDays(days));

    /// <summary>Creates a token with a contact outside.</summary>
    public async Task<string> AddTokenAsync(int days, string name = "Nightly report", string? contact = "ada@example.com")
    {
        var done = await Portal.CreateAsync(TestTokens.Wanted(name) with { ExpiresAt = Portal.Now.AddDays(days), Contact = contact, Owner = OwnerChoice.None });
        return done.Handle;
    }

    public async Task ChangeAsync(string handle, Action<Token> change)
    {
        await using var context = await Portal.OpenAsync();
        change(await context.Tokens.SingleAsync(token => token.Handle == handle));
        await context.SaveChangesAsync();
    }

    /// <summary>The notices of all tokens in the order in which they were written.</summary>
    public async Task<List<Notice>> NoticesAsync()
    {
        await using var context = await Portal.OpenAsync();
        return await context.Notices.AsNoTracking().Include(notice => notice.Recipients).Where(notice => notice.TokenId != null).OrderBy(notice => notice.Id).ToListAsync();
    }

    /// <summary>The days before the expiration at which the only token was announced.</summary>
    public async Task<string> DaysAsync() => string.Join(", ", (await NoticesAsync()).Select(notice => ExpiryKey.Parse(notice.Key)!.Value.Days));
}
