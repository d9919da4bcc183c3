using System.Globalization;

namespace Portal.Webhooks;

/// <summary>Why an attempt failed, unless the status says it. The database stores the name.</summary>
public enum WebhookFault
{
    TimedOut,
    NameNotFound,

    /// <summary>The detail is the address that the configuration doesn't allow.</summary>
    AddressRefused,

    /// <summary>The detail is the name of the socket error.</summary>
    ConnectionFailed,
    CertificateInvalid,

    /// <summary>Portal doesn't follow redirects, because they could lead to a private address.</summary>
    Redirected,
    ResponseInvalid,

    /// <summary>The secret can't be decrypted, because the key ring that encrypted it is missing.</summary>
    SecretUnreadable,
}

/// <summary>What an attempt to send a message resulted in.</summary>
/// <param name="Status">The HTTP status; null: there was no response.</param>
/// <param name="Duration">In milliseconds.</param>
/// <param name="Fault">Null: the status says whether it was accepted.</param>
/// <param name="Text">The beginning of the response's body.</param>
/// <param name="RetryAfter">How long the receiver asks to wait.</param>
internal sealed record WebhookResponse(int? Status, int Duration, WebhookFault? Fault = null, string? Detail = null, string? Text = null, TimeSpan? RetryAfter = null)
{
    private const int Gone = 410;

    public bool IsAccepted => Status is >= 200 and < 300;

    /// <summary>Whether the receiver wants no further messages.</summary>
    public bool IsGone => Status == Gone;

    /// <summary>The form in which the database keeps the fault; null: none.</summary>
    public string? WriteFault() => Fault is null ? null : Detail is null ? Fault.ToString() : string.Create(CultureInfo.InvariantCulture, $"{Fault} {Detail}");
}
