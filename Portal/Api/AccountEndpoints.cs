using Microsoft.AspNetCore.Http.HttpResults;
using Portal.Accounts;
using Portal.Api.Rql;
using Portal.Authentication;

namespace Portal.Api;

/// <summary>Endpoints about the caller. Every valid token may call them.</summary>
internal static class AccountEndpoints
{
    /// <summary>Lists the accounts that the token can access, which is only its own.</summary>
    public static async Task<IResult> ListAsync(HttpContext context, ApiCaller caller, AccountReader accounts, CancellationToken cancellation) =>
        ApiList.Answer(
            context, [await FindAsync(caller, accounts, cancellation)], CatalogProperties.Accounts,
            account => AccountBody.Of(account.Id, account.Name, Bodies.Moment(account.CreatedAt)));

    /// <summary>Returns the account of the key, and its token in place of a user.</summary>
    public static async Task<Ok<ContextBody>> GetContextAsync(ApiCaller caller, AccountReader accounts, CancellationToken cancellation)
    {
        var account = await FindAsync(caller, accounts, cancellation);
        return TypedResults.Ok(new ContextBody(
            new IconReferenceBody(account.Id, account.Name), new ReferenceBody(caller.Credential.Handle, caller.Credential.Name)));
    }

    private static async Task<AccountSummary> FindAsync(ApiCaller caller, AccountReader accounts, CancellationToken cancellation) =>
        await accounts.FindAsync(ApiActor.ReaderOf(caller), cancellation)
        ?? throw new InvalidOperationException($"The token {caller.Credential.Handle} belongs to no account.");
}
