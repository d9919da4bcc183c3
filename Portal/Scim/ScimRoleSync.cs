using Microsoft.Extensions.Options;
using Portal.Accounts.Users;

namespace Portal.Scim;

/// <summary>Applies a changed mapping of groups to roles, after the start.</summary>
internal sealed partial class ScimRoleSync(ScimGroupService groups, UserLookup accounts, IOptions<ScimOptions> options, ILogger<ScimRoleSync> logger) : BackgroundService
{
    /// <summary>Gives the users the roles of their groups.</summary>
    internal async Task ApplyAsync(CancellationToken cancellation)
    {
        try
        {
            if (options.Value.IsEnabled && await accounts.AccountsAsync(cancellation) is [var account, ..])
                await groups.ApplyRolesAsync(ScimActor.Of(account), cancellation);
        }
        catch (ScimException exception)
        {
            LogRefused(exception.Message);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogFailed(exception);
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => ApplyAsync(stoppingToken);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The roles in Scim:Roles were not applied. {Reason}")]
    private partial void LogRefused(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The roles in Scim:Roles could not be applied. Portal applies them with the next change of a group or at the next start")]
    private partial void LogFailed(Exception exception);
}
