namespace Portal.Api.Document;

/// <summary>The examples in the document. They use the types of the actual responses.</summary>
internal static class Samples
{
    public const string Handle = "SU-160-984-311", NewHandle = "SU-275-310-846", ExtensionId = "EXT-000", ModuleId = "MD-0002";

    private static readonly DateTimeOffset Created = Moment("2026-11-03T09:12:44+00:00"), Expiration = Moment("2027-02-01T00:00:00+00:00");
    private static readonly ReferenceBody Person = new("0193a1c4-51d0-7c3e-9b7f-0d2e4a6c8b10", "Ada Reyes");

    public static readonly ReferenceBody Account = new("PA-100-200", "Example Ltd");

    public static readonly PermissionBody[] Permissions = [new(ModuleId, new IdBody(ModuleId), new GrantEventsBody(new ActBody(Created, Person)))];

    public static readonly TokenBody Token = new(
        Handle, "Nightly report", "Reads agreements for the report of the day before.", "crm-17", new OwnerBody(Account.Id, Account.Name), "active",
        new ExtensionReferenceBody(ExtensionId, "custom"), Handle, null, new TokenEventsBody(new ActBody(Created, Person), new ActBody(Created, Person)),
        Permissions, Expiration, null, null);

    public static readonly TokenBody Inactive = Token with { Status = "inactive" };

    /// <summary>A token that another token has just created.</summary>
    public static readonly TokenBody NewToken = Token with
    {
        Id = NewHandle,
        Handle = NewHandle,
        Token = KeyOf(NewHandle, "c41d"),
        Events = ByAnother,
        Permissions = [Permissions[0] with { Events = new(ByAnother.Created) }],
    };

    /// <summary>A token with a second key after a renewal.</summary>
    public static readonly TokenBody Renewed = Token with
    {
        Status = "revitalised",
        RenewedExpirationDate = Moment("2027-05-01T00:00:00+00:00"),
        RenewedToken = KeyOf(Handle, "9be0"),
    };

    /// <summary>A token whose key was replaced.</summary>
    public static readonly TokenBody Rotated = Token with { Token = KeyOf(Handle, "9be0") };

    private static TokenEventsBody ByAnother => new(
        new ActBody(Moment("2026-11-24T10:00:00+00:00"), new ReferenceBody(Handle, Token.Name)),
        new ActBody(Moment("2026-11-24T10:00:00+00:00"), new ReferenceBody(Handle, Token.Name)));

    public static readonly SelfBody Self = new(Handle, Token.Name, "active", Expiration, null, Permissions, new RateLimitBody(100, "minute"));

    public static DateTimeOffset Moment(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Formats an example key. No token has it.</summary>
    private static string KeyOf(string handle, string start) => $"ApiKey {handle}:{start}ee7e79b10ff6eff67902ccb4f3d46724ceb8";
}
