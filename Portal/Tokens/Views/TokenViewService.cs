using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Audit;
using Portal.Data;
using Portal.Localization;

namespace Portal.Tokens.Views;

/// <summary>Saves views of the token list for a user or for all users of the account, and the columns that a user has chosen.</summary>
/// <remarks>Every user has views of their own. Operators also change those of the account.</remarks>
public sealed class TokenViewService(IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, AuditLog audit, AccessControl access, TimeProvider clock)
{
    /// <summary>The maximum number of views of a user, and of an account.</summary>
    public const int MaximumViews = 50;

    /// <summary>The maximum length of <see cref="ReadColumnsAsync"/>.</summary>
    public const int ColumnsLength = PortalUser.TokenColumnsLength;

    /// <summary>The views of the actor and of the account, by name.</summary>
    public async Task<IReadOnlyList<TokenView>> ListAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var views = await VisibleTo(context, actor).AsNoTracking().ToListAsync(cancellation);
        return [.. views.OrderBy(view => view.Name, NameCollation.ForReader).ThenBy(view => view.Id).Select(
            view => new TokenView(view.Id, view.Name, view.Address, view.UserId is null, view.UserId is not null || actor.May(Role.Operator)))];
    }

    /// <summary>Saves a view. It replaces the view with the same name that the same users see.</summary>
    /// <param name="address">The query of the list's address, without a page.</param>
    /// <param name="shared">Whether all users of the account see it, which requires an operator.</param>
    /// <returns>Done, or Invalid.</returns>
    public async Task<ViewOutcome> SaveAsync(Actor actor, string name, string address, bool shared, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, shared ? Role.Operator : Role.Viewer, cancellation);
        if (Check(name, address) is { } fault)
            return new ViewOutcome.Invalid(fault);
        return await writes.RunAsync(token => SaveInTurnAsync(actor, TextRules.Clean(name)!, address, shared, token), cancellation);
    }

    /// <returns>Done, or NotFound.</returns>
    public async Task<ViewOutcome> DeleteAsync(Actor actor, long viewId, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        return await writes.RunAsync(token => DeleteInTurnAsync(actor, viewId, token), cancellation);
    }

    /// <summary>The columns that the user chose last, as the list wrote them; null: none yet.</summary>
    public async Task<string?> ReadColumnsAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await context.Users.Where(user => user.Id == actor.Id).Select(user => user.TokenColumns).SingleOrDefaultAsync(cancellation);
    }

    /// <param name="columns">At most <see cref="ColumnsLength"/> characters; null for the default.</param>
    public async Task SaveColumnsAsync(Actor actor, string? columns, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(columns?.Length ?? 0, ColumnsLength);
        await access.RequireAsync(actor, Role.Viewer, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        await context.Users.Where(user => user.Id == actor.Id).ExecuteUpdateAsync(user => user.SetProperty(it => it.TokenColumns, columns), cancellation);
    }

    private static IQueryable<SavedView> VisibleTo(PortalDbContext context, Actor actor) =>
        context.SavedViews.Where(view => view.AccountId == actor.AccountId && (view.UserId == null || view.UserId == actor.Id));

    private static string? Check(string name, string address) =>
        TextRules.Clean(name) is not { } clean ? Texts.TokenViews_NameMissing
        : TextRules.Check(clean, Texts.TokenViews_Name, SavedView.NameLength) is { } fault ? fault
        : address.Length > SavedView.AddressLength || SecretText.Holds(address) ? Texts.TokenViews_TooLong
        : null;

    private async Task<ViewOutcome> SaveInTurnAsync(Actor actor, string name, string address, bool shared, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        var (key, userId) = (TokenRules.NameKey(name), shared ? null : actor.Id);
        var views = await context.SavedViews.Where(view => view.AccountId == actor.AccountId && view.UserId == userId).ToListAsync(cancellation);
        var view = views.Find(view => view.NameKey == key);
        if (view is null && views.Count >= MaximumViews)
            return new ViewOutcome.Invalid(Texts.TokenViews_TooMany.With(MaximumViews));
        if (view is null)
            context.SavedViews.Add(view = new SavedView
            {
                AccountId = actor.AccountId, UserId = userId, Name = name, NameKey = key, Address = address, UpdatedByName = actor.Name,
            });
        (view.Name, view.Address, view.UpdatedByName, view.UpdatedAt) = (name, address, actor.Name, clock.GetUtcNow().UtcDateTime);
        Record(context, actor, AuditAction.ViewSaved, view);
        await context.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return new ViewOutcome.Done();
    }

    private async Task<ViewOutcome> DeleteInTurnAsync(Actor actor, long viewId, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        var view = await VisibleTo(context, actor).SingleOrDefaultAsync(view => view.Id == viewId, cancellation);
        if (view is null)
            return new ViewOutcome.NotFound();
        if (view.UserId is null)
            actor.Require(Role.Operator);
        context.SavedViews.Remove(view);
        Record(context, actor, AuditAction.ViewDeleted, view);
        await context.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return new ViewOutcome.Done();
    }

    private void Record(PortalDbContext context, Actor actor, string action, SavedView view) =>
        audit.Add(context, actor, action, actor.AccountId, view.Name, new Dictionary<string, object?> { ["address"] = view.Address, ["shared"] = view.UserId is null });
}
