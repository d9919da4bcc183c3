using System.Net;

namespace Portal.Statistics.Export;

/// <summary>A request with a key of a token, as it is exported. It never contains the key.</summary>
/// <param name="At">The time when it began, in UTC.</param>
/// <param name="Handle">The handle of the token.</param>
/// <param name="Method">As the client sent it.</param>
/// <param name="Path">Decoded, without the query, but not cleaned yet; null if unknown.</param>
/// <param name="ModuleId">The module that owns the path; empty if there is none.</param>
/// <param name="StatusCode">The status code of the response.</param>
/// <param name="Reason">The code of Portal's refusal, or <see cref="CountReason.RetiredKey"/>; empty if the request was passed on.</param>
/// <param name="Duration">Null if Portal only decided whether the request may pass.</param>
/// <param name="RequestId">The ID that the client got in an error response; null if it got none.</param>
/// <param name="Address">The client's address; null if unknown or not exported.</param>
public readonly record struct ExportedRequest(
    DateTime At, string Handle, string Method, string? Path, string ModuleId, int StatusCode, string Reason, TimeSpan? Duration, string? RequestId, IPAddress? Address);
