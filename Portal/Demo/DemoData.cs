using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Accounts;
using Portal.Accounts.Users;
using Portal.Audit;
using Portal.Authentication;
using Portal.Catalog;
using Portal.Data;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.Demo;

/// <summary>The sign-in data that a demonstration prints once.</summary>
internal sealed record DemoCredentials(string Email, string Password, string ApiKey)
{
    /// <param name="address">The address that Portal listens on. A wildcard address is printed as localhost.</param>
    public string Describe(string address)
    {
        var open = address.Replace("://[::]", "://localhost").Replace("://0.0.0.0", "://localhost").Replace("://+", "://localhost").Replace("://*", "://localhost");
        return $"""

            Portal's demonstration is ready. Nothing in it is real, and it is gone when this process stops.

              Address    {open}
              Email      {Email}
              Password   {Password}
              API key    {ApiKey}

              curl -H "Authorization: {ApiKey}" {open.TrimEnd('/')}{ApiKeyMiddleware.BasePath}/agreements

            """;
    }
}

/// <summary>Fills an empty Portal for trials and screenshots. It uses the same services as people do, so that lists, keys and the audit log are
/// consistent. Only the clock is set back.</summary>
internal sealed class DemoData
{
    private const string PasswordCharacters = "abcdefghjkmnpqrstuvwxyz23456789";

    private static readonly (string Name, string Email, Role Role, double SignedInHoursAgo)[] People =
    [
        ("Ada Reyes", "admin@demo.example", Role.Administrator, 30),
        ("Jonas Lind", "jonas@demo.example", Role.Operator, 2),
        ("Mei Tanaka", "mei@demo.example", Role.Operator, 24 * 12),
    ];

    private readonly IDbContextFactory<PortalDbContext> _contexts;
    private readonly ModuleCatalog _catalog;
    private readonly DemoClock _clock;
    private readonly AuditLog _audit;
    private readonly TokenService _tokens;
    private readonly TokenReader _reader;
    private readonly DateTime _now;
    private readonly List<Actor> _people = [];
    private readonly Dictionary<DemoToken, ApiKey> _keys = [];

    private DemoData(IServiceProvider services)
    {
        _now = WholeSeconds.Now(services.GetRequiredService<TimeProvider>());
        _contexts = services.GetRequiredService<IDbContextFactory<PortalDbContext>>();
        _catalog = services.GetRequiredService<ModuleCatalog>();
        _reader = services.GetRequiredService<TokenReader>();
        _clock = new DemoClock(_now);
        _audit = new AuditLog(_clock);
        _tokens = ActivatorUtilities.CreateInstance<TokenService>(services, _clock, _audit);
    }

    public static async Task<DemoCredentials> CreateAsync(IServiceProvider services)
    {
        var demo = new DemoData(services);
        await using var scope = services.CreateAsyncScope();
        var password = await demo.AddPeopleAsync(scope.ServiceProvider.GetRequiredService<AccountService>());
        await demo.PlayAsync();
        await demo.AddUseAsync();
        // Last, because it isn't told in the past.
        if (await services.GetRequiredService<InvitationService>().InviteAsync(demo._people[0], "lea@demo.example", Role.Viewer) is not UserOutcome.Done)
            throw new InvalidOperationException("The invitation was refused.");
        return new DemoCredentials(People[0].Email, password, demo._keys[DemoTokens.All.Single(token => token.Name == DemoTokens.Open)].ToHeaderValue());
    }

    /// <returns>The first person's password; those of the others are unknown.</returns>
    private async Task<string> AddPeopleAsync(AccountService accounts)
    {
        _clock.Now = _now.AddDays(-560);
        var account = new Account { Id = "PA-000-000", Name = "Demonstration", CreatedAt = _clock.Now };
        await using var context = await _contexts.CreateDbContextAsync();
        context.Accounts.Add(account);
        await context.SaveChangesAsync();

        var passwords = People.Select(_ => RandomNumberGenerator.GetString(PasswordCharacters, 16)).ToList();
        foreach (var ((name, email, role, hours), password) in People.Zip(passwords))
        {
            var (user, faults) = await accounts.CreateUserAsync(account.Id, new NewUser(name, email, password), role);
            if (user is null)
                throw new InvalidOperationException(string.Join(" ", faults.Select(fault => fault.Message)));
            _people.Add(new Actor(ActorKind.User, user.Id, name, account.Id, role) { SecurityStamp = user.SecurityStamp, Address = $"192.0.2.{17 + _people.Count}" });
            await context.Users.Where(stored => stored.Id == user.Id).ExecuteUpdateAsync(set => set.SetProperty(stored => stored.LastSignInAt, _now.AddHours(-hours)));
        }

        _audit.Add(context, _people[0], AuditAction.AccountCreated, account.Id, account.Name);
        await context.SaveChangesAsync();
        return passwords[0];
    }

    /// <summary>Performs all actions in chronological order.</summary>
    private async Task PlayAsync()
    {
        var story = DemoTokens.All
            .SelectMany(token => token.Steps.Prepend<DemoStep?>(null).Select(step => (Token: token, Step: step)))
            .Select((act, index) => (At: MomentOf(act.Step?.DaysAgo ?? act.Token.Age, index), act.Token, act.Step))
            .OrderBy(act => act.At);
        foreach (var (at, token, step) in story)
        {
            _clock.Now = at;
            await (step is null ? CreateAsync(token) : DoAsync(token, step));
        }
    }

    /// <summary>Returns a time within the working hours of the day; for today, some hours ago.</summary>
    private DateTime MomentOf(int daysAgo, int index) => daysAgo == 0
        ? _now.AddHours(-5).AddSeconds(-index)
        : _now.Date.AddDays(-daysAgo).AddHours(7).AddSeconds(index * 2617 % 36000);

    private async Task CreateAsync(DemoToken token)
    {
        var modules = token.Modules.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        // The operator's catalog may have other modules than the demonstration assumes.
        var known = _catalog.Modules.Where(module => modules.Contains(module.Name)).Select(module => module.Id).ToList();
        var extension = _catalog.Extensions.FirstOrDefault(extension => extension.Name == token.Extension) ?? _catalog.Extensions[0];
        var created = Done(await _tokens.CreateAsync(_people[token.Maker], new NewToken(
            Guid.CreateVersion7(), token.Name, token.ExternalId, token.Extension == extension.Name ? token.Description : null,
            End(token.Lifetime), extension.Id, known.Count == 0 ? ModuleChoice.All : new ModuleChoice(false, known))
        {
            Owner = TeamOf(extension.Name) is { } team ? OwnerChoice.OfTeam(team) : null,
            Contact = TeamOf(extension.Name) is { } contact ? $"{contact.ToLowerInvariant()}@demo.example" : null,
        }));
        _keys[token] = created.Key!;
    }

    /// <summary>Teams own the tokens of some extensions, and users the others.</summary>
    private static string? TeamOf(string extension) => extension switch { "reports" => "Finance", "zapier" => "Marketing", _ => null };

    private async Task DoAsync(DemoToken token, DemoStep step)
    {
        var (by, handle) = (_people[step.By], _keys[token].Handle);
        var done = Done(step.Change switch
        {
            DemoChange.Rotate => await _tokens.RotateAsync(by, handle, End(step.Lifetime)),
            DemoChange.Renew => await _tokens.RenewAsync(by, handle, End(step.Lifetime)!.Value),
            DemoChange.Disable => await _tokens.DisableAsync(by, handle),
            DemoChange.Enable => await _tokens.EnableAsync(by, handle),
            DemoChange.Delete => await _tokens.DeleteAsync(_people[0], handle),
            _ => await DescribeAsync(by, handle, $"{token.Description} For questions ask {by.Name}."),
        });
        _keys[token] = done.Key ?? _keys[token];
    }

    private async Task<TokenOutcome> DescribeAsync(Actor by, string handle, string description)
    {
        var details = (await _reader.FindAsync(by, handle))!;
        var limit = RateLimitChoice.Of(new RateLimit(600, RateUnit.Minute));
        return await _tokens.EditAsync(by, handle, new TokenEdit(details.Name, details.ExternalId, description, details.Choice, limit), details.Version);
    }

    /// <summary>Adds what happens without a person: requests, and tokens that wait to be enabled.</summary>
    private async Task AddUseAsync()
    {
        await using var context = await _contexts.CreateDbContextAsync();
        var stored = await context.Tokens.Include(token => token.Secrets).Include(token => token.Permissions).ToDictionaryAsync(token => token.Handle);
        var requests = new DemoRequests(_catalog, _now);
        foreach (var token in DemoTokens.All)
        {
            var row = stored[_keys[token].Handle];
            if (token.Pending)
                row.Status = StoredStatus.Pending;
            if (token.Traffic is not null)
                requests.AddTo(context, row, token.Traffic);
        }

        await context.SaveChangesAsync();
    }

    private DateTime? End(int? lifetime) => lifetime is { } days ? _clock.Now.AddDays(days) : null;

    private static TokenOutcome.Done Done(TokenOutcome outcome) =>
        outcome as TokenOutcome.Done ?? throw new InvalidOperationException($"The demonstration cannot be made: {outcome}");

    /// <summary>A clock that stays at the time that it is set to.</summary>
    private sealed class DemoClock(DateTime now) : TimeProvider
    {
        public DateTime Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => new(Now, TimeSpan.Zero);
    }
}
