using System.CommandLine;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Portal.Data;
using Portal.Data.KeyRing;
using Portal.Data.Postgres;

namespace Portal.Commands;

/// <summary>Portal's services for a command. No server or background service runs, and another process may use the data directory.</summary>
internal static class CommandServices
{
    /// <summary>The data directory that a command works on, from its option or the configuration.</summary>
    public static string? DirectoryOf(ParseResult parsed, CommonOptions options) =>
        parsed.GetValue(options.DataDirectory) ?? CreateBuilder().Configuration[DataDirectory.SettingName];

    /// <summary>The configuration of a start in the same place.</summary>
    public static IConfiguration CreateConfiguration() => CreateBuilder().Configuration;

    /// <summary>The configured passphrases and certificates of the key ring.</summary>
    public static KeyRingSecrets KeyRingSecrets() => Portal.Data.KeyRing.KeyRingSecrets.Load(CreateBuilder().Configuration);

    /// <summary>Opens the services for a data directory with a current database.</summary>
    /// <exception cref="DataDirectoryException">There is no Portal in it; the message says what to do.</exception>
    /// <exception cref="DatabaseUnusableException">Its database is of another version; the message says what to do.</exception>
    public static async Task<WebApplication> OpenAsync(ParseResult parsed, CommonOptions options, Action<WebApplicationBuilder> addParts)
    {
        var app = Build(parsed, options, addParts);
        try
        {
            var directory = app.Services.GetRequiredService<DataDirectory>();
            if (app.Services.GetRequiredService<DatabaseChoice>() is { IsPostgres: true } choice)
            {
                await PostgresDatabase.EnsureCurrentAsync(choice.ConnectionString);
            }
            else
            {
                directory.EnsureInstalled();
                await DatabaseFile.EnsureCurrentAsync(directory.Database);
            }

            await app.Services.GetRequiredService<ClockKeeper>().ContinueClockAsync();
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Creates the services, whatever the state of the data directory.</summary>
    public static WebApplication Build(ParseResult parsed, CommonOptions options, Action<WebApplicationBuilder> addParts)
    {
        var builder = CreateBuilder();
        builder.Services.AddSingleton(DataDirectory.Beside(parsed.GetValue(options.DataDirectory) ?? builder.Configuration[DataDirectory.SettingName]));
        addParts(builder);
        // A key that a command adds to the key ring would surprise the Portal that runs beside it.
        builder.Services.Configure<KeyManagementOptions>(keys => keys.AutoGenerateKeys = false);
        // Standard output is the result of the command.
        builder.Logging.ClearProviders();
        return builder.Build();
    }

    private static WebApplicationBuilder CreateBuilder() =>
        WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
}
