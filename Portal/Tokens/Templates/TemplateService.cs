using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Addresses;
using Portal.Audit;
using Portal.Catalog;
using Portal.Data;
using Portal.IpRules;
using Portal.Localization;

namespace Portal.Tokens.Templates;

/// <summary>Lists, saves and deletes the templates of an account. Operators use them; administrators change them.</summary>
public sealed class TemplateService(
    IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, ModuleCatalog catalog, AuditLog audit, AccessControl access, TimeProvider clock)
{
    /// <summary>The maximum number of templates of an account.</summary>
    public const int MostTemplates = 50;

    /// <summary>The templates by name.</summary>
    public async Task<IReadOnlyList<Template>> ListAsync(Actor actor, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Operator, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var stored = await context.TokenTemplates.AsNoTracking().Where(template => template.AccountId == actor.AccountId).ToListAsync(cancellation);
        return [.. stored.OrderBy(template => template.Name, NameCollation.ForReader).ThenBy(template => template.Id).Select(Describe)];
    }

    /// <returns>Null: there is no such template.</returns>
    public async Task<Template?> FindAsync(Actor actor, long id, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Operator, cancellation);
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        return await Of(context, actor, id).AsNoTracking().SingleOrDefaultAsync(cancellation) is { } found ? Describe(found) : null;
    }

    /// <summary>Adds or replaces a template.</summary>
    /// <param name="id">Null: adds one.</param>
    /// <param name="version">The version that the administrator read.</param>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<TemplateOutcome> SaveAsync(Actor actor, long? id, TemplateInput input, Guid version, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        var errors = Check(input);
        return errors.Count > 0 ? new TemplateOutcome.Invalid(errors) : await writes.RunAsync(turn => SaveInTurnAsync(actor, id, input, version, turn), cancellation);
    }

    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    public async Task<TemplateOutcome> DeleteAsync(Actor actor, long id, CancellationToken cancellation = default)
    {
        await access.RequireAsync(actor, Role.Administrator, cancellation);
        return await writes.RunAsync<TemplateOutcome>(async turn =>
        {
            await using var context = await contexts.CreateDbContextAsync(turn);
            if (await Of(context, actor, id).SingleOrDefaultAsync(turn) is not { } template)
                return new TemplateOutcome.NotFound();
            context.TokenTemplates.Remove(template);
            audit.Add(context, actor, AuditAction.TemplateDeleted, actor.AccountId, template.Name);
            try
            {
                await context.SaveChangesAsync(turn);
                return new TemplateOutcome.Done(id);
            }
            catch (DbUpdateConcurrencyException)
            {
                // Someone else deleted it, or changed it at the same time.
                return new TemplateOutcome.NotFound();
            }
        }, cancellation);
    }

    private async Task<TemplateOutcome> SaveInTurnAsync(Actor actor, long? id, TemplateInput input, Guid version, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
        var (name, key) = (TextRules.Clean(input.Name)!, TokenRules.NameKey(input.Name));
        var all = await context.TokenTemplates.Where(template => template.AccountId == actor.AccountId).ToListAsync(cancellation);
        var template = all.Find(template => template.Id == id);
        if (id is not null && template is null)
            return new TemplateOutcome.NotFound();
        if (template is not null && template.Version != version)
            return new TemplateOutcome.Conflict(Describe(template));
        if (all.Exists(other => other != template && other.NameKey == key))
            return Invalid(TemplateField.Name, Texts.Templates_NameInUse.With(name));
        if (template is null && all.Count >= MostTemplates)
            return Invalid(TemplateField.Name, Texts.Templates_TooMany.With(MostTemplates));
        if (template is null)
            context.TokenTemplates.Add(template = new TokenTemplate
            {
                AccountId = actor.AccountId, Name = name, NameKey = key, ExtensionId = input.ExtensionId, Content = "", UpdatedById = "", UpdatedByName = "",
            });
        (template.Name, template.NameKey, template.Description) = (name, key, TextRules.Clean(input.Description));
        (template.ExtensionId, template.Content) = (input.ExtensionId, input.Content.Write());
        (template.UpdatedAt, template.UpdatedById, template.UpdatedByName, template.Version) = (WholeSeconds.Now(clock), actor.Id, actor.Name, Guid.CreateVersion7());
        audit.Add(context, actor, AuditAction.TemplateSaved, actor.AccountId, name, new Dictionary<string, object?>
        {
            ["extension"] = template.ExtensionId, ["content"] = input.Content,
        });
        await context.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return new TemplateOutcome.Done(template.Id);
    }

    private List<TemplateError> Check(TemplateInput input)
    {
        var errors = new List<TemplateError>();
        Add(TemplateField.Name, TextRules.Clean(input.Name) is not { } name ? Texts.Templates_NameMissing : TextRules.Check(name, Texts.Templates_Name, TokenTemplate.NameLength));
        Add(TemplateField.Description, TextRules.Check(TextRules.Clean(input.Description) ?? "", Texts.Token_Description, TokenTemplate.DescriptionLength));
        Add(TemplateField.Extension, catalog.FindExtension(input.ExtensionId) is null ? Texts.TokenRules_ExtensionGone : null);
        Add(TemplateField.Modules, input.Content.Modules.Where(id => catalog.FindModule(id) is null).ToList() is { Count: > 0 } gone ? Texts.TokenRules_ModulesGone.With(string.Join(", ", gone)) : null);
        Add(TemplateField.RateLimit, input.Content.Limit.Limit is { } limit ? TokenRules.CheckRateLimit(limit) : null);
        Add(TemplateField.NoticeDays, NoticeDays.Check(NoticeDays.Write(input.Content.NoticeDays)));
        Add(TemplateField.Addresses, input.Content.Addresses.Count > IpRuleService.MostRules ? Texts.IpRule_TooMany.With(IpRuleService.MostRules) : input.Content.Addresses.Select(CheckAddress).FirstOrDefault(fault => fault is not null));
        if (errors.Count == 0 && input.Content.Write().Length > TokenTemplate.ContentLength)
            errors.Add(new TemplateError(TemplateField.Addresses, Texts.Templates_TooLong));
        return errors;

        void Add(TemplateField field, string? message)
        {
            if (message is not null)
                errors.Add(new TemplateError(field, message));
        }
    }

    private static string? CheckAddress(string written) => AddressRangeFormat.TryParse(written, out _, out var fault) ? null : fault;

    private static TemplateOutcome.Invalid Invalid(TemplateField field, string message) => new([new TemplateError(field, message)]);

    private static IQueryable<TokenTemplate> Of(PortalDbContext context, Actor actor, long id) =>
        context.TokenTemplates.Where(template => template.AccountId == actor.AccountId && template.Id == id);

    private Template Describe(TokenTemplate stored)
    {
        var content = TemplateContent.Read(stored.Content);
        return new Template(
            stored.Id, stored.Name, stored.Description, stored.ExtensionId, content, stored.Version, stored.UpdatedAt, stored.UpdatedByName,
            [.. content.Modules.Where(id => catalog.FindModule(id) is null)], catalog.FindExtension(stored.ExtensionId) is null);
    }
}
