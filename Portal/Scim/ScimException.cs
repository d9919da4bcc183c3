namespace Portal.Scim;

/// <summary>A request that can't be served. The client gets it as a SCIM error (RFC 7644, section 3.12).</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="type">The SCIM keyword of the error; null: there is none for it.</param>
/// <param name="detail">What happened and what to do, for the client's operator.</param>
public sealed class ScimException(int status, string? type, string detail) : Exception(detail)
{
    public int Status => status;
    public string? Type => type;

    internal static ScimException InvalidValue(string detail) => new(StatusCodes.Status400BadRequest, "invalidValue", detail);
    internal static ScimException InvalidSyntax(string detail) => new(StatusCodes.Status400BadRequest, "invalidSyntax", detail);
    internal static ScimException InvalidFilter(string detail) => new(StatusCodes.Status400BadRequest, "invalidFilter", detail);
    internal static ScimException InvalidPath(string detail) => new(StatusCodes.Status400BadRequest, "invalidPath", detail);
    internal static ScimException NoTarget(string detail) => new(StatusCodes.Status400BadRequest, "noTarget", detail);
    internal static ScimException Mutability(string detail) => new(StatusCodes.Status400BadRequest, "mutability", detail);
    internal static ScimException NotUnique(string detail) => new(StatusCodes.Status409Conflict, "uniqueness", detail);
    internal static ScimException NotFound(string what, string id) => new(StatusCodes.Status404NotFound, null, $"There is no {what} with the ID {ScimText.Quote(id)}.");

    /// <summary>The account would have no administrator left.</summary>
    internal static ScimException LastAdministrator() => new(
        StatusCodes.Status409Conflict, null, "After this change, Portal would have no administrator who can sign in. Make another user an administrator first.");
}
