using Portal.Catalog;
using Portal.Data;
using Portal.Localization;

namespace Portal.Webhooks;

/// <summary>Checks what a person enters for an endpoint.</summary>
public sealed class WebhookRules(WebhookTargets targets, ModuleCatalog catalog)
{
    /// <param name="clean">The input as it is stored.</param>
    /// <returns>The errors; empty: valid.</returns>
    public List<WebhookError> Check(WebhookInput input, out WebhookInput clean)
    {
        var faults = new List<WebhookError>();
        if (WebhookUrl.Check(input.Url, targets, out var url) is { } ofUrl)
            faults.Add(new WebhookError(WebhookField.Url, ofUrl));
        var description = TextRules.Clean(input.Description);
        if (description is not null && TextRules.Check(description, Texts.Webhooks_Description, WebhookEndpoint.DescriptionLength) is { } ofDescription)
            faults.Add(new WebhookError(WebhookField.Description, ofDescription));
        var events = WebhookEvent.All.Select(type => type.Name).Where(input.Events.Contains).ToList();
        if (events.Count < input.Events.Distinct().Count())
            faults.Add(new WebhookError(WebhookField.Events, Texts.Webhooks_UnknownEvent));
        var extensions = input.Extensions.Distinct().Order(StringComparer.Ordinal).ToList();
        if (extensions.Any(id => catalog.FindExtension(id) is null))
            faults.Add(new WebhookError(WebhookField.Extensions, Texts.Webhooks_UnknownExtension));
        else if (WebhookChoice.Write(extensions).Length > WebhookEndpoint.EventsLength)
            faults.Add(new WebhookError(WebhookField.Extensions, Texts.Webhooks_TooManyExtensions));
        clean = new WebhookInput(url, description, events, extensions);
        return faults;
    }
}
