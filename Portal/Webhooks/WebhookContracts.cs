using Portal.Data;

namespace Portal.Webhooks;

/// <summary>What a person enters for an endpoint.</summary>
/// <param name="Events">The names of events; empty: all, also those of later versions.</param>
/// <param name="Extensions">The IDs of extensions; empty: all.</param>
public sealed record WebhookInput(string? Url, string? Description, IReadOnlyList<string> Events, IReadOnlyList<string> Extensions);

/// <summary>A field of an endpoint, to which an error message can refer.</summary>
public enum WebhookField
{
    Url,
    Description,
    Events,
    Extensions,
    Overlap,
}

/// <summary>A validation error of a field, with a message for the user.</summary>
public sealed record WebhookError(WebhookField Field, string Message);

/// <summary>The outcome of a change to an endpoint.</summary>
public abstract record WebhookOutcome
{
    private WebhookOutcome()
    {
    }

    /// <param name="Count">The number of deliveries that will be sent again.</param>
    public sealed record Done(long EndpointId, int Count = 0) : WebhookOutcome
    {
        /// <summary>The new secret, which is shown only now; null: the change created none.</summary>
        public string? Secret { get; init; }

        /// <summary>Omits the secret.</summary>
        public override string ToString() => $"Done {EndpointId}";
    }

    /// <summary>The input is invalid. Nothing was changed.</summary>
    public sealed record Invalid(IReadOnlyList<WebhookError> Faults) : WebhookOutcome;

    /// <summary>The change isn't possible now.</summary>
    public sealed record Refused(string Message) : WebhookOutcome;

    /// <summary>Someone else changed the endpoint in the meantime. Nothing was changed.</summary>
    public sealed record Changed : WebhookOutcome;

    /// <summary>The endpoint or delivery doesn't exist, or no longer exists.</summary>
    public sealed record NotFound : WebhookOutcome;
}

/// <summary>An endpoint as people see it. Never its secret.</summary>
/// <param name="PreviousEndsAt">Until when the former secret also signs, UTC; null: there is none.</param>
/// <param name="DisabledAt">Null: it is on.</param>
/// <param name="DisabledReason">Why Portal switched it off; null: it is on, or a person did.</param>
/// <param name="FailingSince">Since when every attempt has failed; null: it works, or nothing was sent.</param>
/// <param name="Waiting">The number of deliveries that wait.</param>
/// <param name="Failed">The number of deliveries that Portal gave up.</param>
/// <param name="Version">The condition for a change.</param>
public sealed record WebhookEntry(
    long Id, string Url, string? Description, IReadOnlyList<string> Events, IReadOnlyList<string> Extensions, DateTime? PreviousEndsAt,
    DateTime? DisabledAt, WebhookDisabledReason? DisabledReason, DateTime? FailingSince, int Waiting, int Failed,
    DateTime CreatedAt, string CreatedByName, DateTime UpdatedAt, string UpdatedByName, Guid Version);

/// <summary>Why Portal switched an endpoint off.</summary>
public enum WebhookDisabledReason
{
    /// <summary>Every attempt failed for days.</summary>
    Failing,

    /// <summary>It answered 410.</summary>
    Gone,
}

/// <summary>Which deliveries to list.</summary>
/// <param name="State">Null: all.</param>
/// <param name="Type">The name of an event; null: all.</param>
/// <param name="Page">From 1.</param>
public sealed record DeliveryQuery(DeliveryState? State = null, string? Type = null, int Page = 1)
{
    public const int PageSize = 25;
}

/// <param name="Total">The number of deliveries on all pages.</param>
public sealed record DeliveryPage(IReadOnlyList<DeliveryRow> Rows, int Total);

/// <param name="NextAttemptAt">Null: it isn't waiting.</param>
/// <param name="Status">The HTTP status of the last response; null: there was none.</param>
public sealed record DeliveryRow(long Id, string MessageId, string Type, string TargetId, DateTime CreatedAt, DeliveryState State, int Attempts, DateTime? NextAttemptAt, int? Status);

/// <summary>A delivery with what was sent and received.</summary>
/// <param name="Sent">The attempts, latest first.</param>
public sealed record DeliveryDetails(DeliveryRow Row, string Body, IReadOnlyList<AttemptRow> Sent);

/// <param name="Duration">In milliseconds.</param>
/// <param name="Fault">Null: the status says whether it was accepted.</param>
public sealed record AttemptRow(long Id, DateTime At, int Duration, int? Status, WebhookFault? Fault, string? Detail, string? Response);
