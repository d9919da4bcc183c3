using System.Diagnostics;
using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Portal.Audit;
using Portal.Catalog;
using Portal.Data;
using Portal.Statistics;
using Portal.Tokens;

namespace Portal.Bench;

/// <summary>A published Portal with one token, on a folder of its own.</summary>
internal sealed class SeededPortal : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("portal-bench-");

    public static string SourceRoot { get; } = Path.GetFullPath(
        typeof(SeededPortal).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "SourceRoot").Value!);

    public string ApiKey { get; private set; } = "";

    private string Program => Path.Combine(_folder.FullName, "program", "Portal.dll");

    /// <summary>Development, so that the sandbox answers; everything else as in production.</summary>
    private Dictionary<string, string> Environment => new()
    {
        ["ASPNETCORE_ENVIRONMENT"] = "Development", ["Portal__DataDirectory"] = Path.Combine(_folder.FullName, "data"),
    };

    public static async Task<SeededPortal> PrepareAsync()
    {
        var portal = new SeededPortal();
        using var publish = Process.Start(new ProcessStartInfo(
            "dotnet", ["publish", Path.Combine(SourceRoot, "Portal"), "-c", "Release", "-o", Path.GetDirectoryName(portal.Program)!]) { RedirectStandardOutput = true })!;
        await publish.StandardOutput.ReadToEndAsync();
        await publish.WaitForExitAsync();
        await portal.SeedAsync();
        return portal;
    }

    public Task<Server> StartAsync() => Server.StartAsync("Portal", Program, ["--urls", "http://127.0.0.1:0"], Environment);

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task SeedAsync()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = Path.GetDirectoryName(Program) });
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(Environment.Select(setting => KeyValuePair.Create(setting.Key.Replace("__", ":", StringComparison.Ordinal), (string?)setting.Value)));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.AddData();
        builder.AddCatalog();
        builder.AddAudit();
        builder.AddStatistics();
        builder.AddTokens();
        await using var app = builder.Build();
        await app.Services.MigrateDatabaseAsync();
        await using (var context = await app.Services.GetRequiredService<IDbContextFactory<PortalDbContext>>().CreateDbContextAsync())
        {
            context.Accounts.Add(new Account { Id = "PA-000-001", Name = "Bench", CreatedAt = TimeProvider.System.GetUtcNow().UtcDateTime });
            await context.SaveChangesAsync();
        }

        var created = await app.Services.GetRequiredService<TokenService>().CreateAsync(
            new Actor(ActorKind.System, "bench", "Bench", "PA-000-001", Role.Administrator),
            new NewToken(Guid.CreateVersion7(), "Bench", null, null, null, "EXT-000", new ModuleChoice(false, ["MD-0002"])));
        ApiKey = ((TokenOutcome.Done)created).Key!.ToHeaderValue();
    }
}
