using Portal.Api.Rql;
using Portal.Wire;

namespace Portal.Api.Document;

/// <summary>Describes an operation for the OpenAPI document, where the code of its endpoint doesn't. It is defined next to the mapping of the
/// endpoint. Errors that are common to all operations are in <see cref="CommonErrors"/> instead.</summary>
/// <param name="Id">The operation ID, from which client generators make method names; the wire contract's if it has the operation.</param>
/// <param name="Tag">One of <see cref="ApiTags"/>.</param>
/// <param name="Summary">A few words, without a full stop.</param>
internal sealed record ApiOperation(string Id, string Tag, string Summary)
{
    /// <summary>The description in Markdown.</summary>
    public string Description { get; init; } = "";

    /// <summary>The method, if the endpoint has several; null: its only one.</summary>
    public string? Method { get; init; }

    /// <summary>The properties by which a list can be filtered, ordered and searched.</summary>
    public Func<IServiceProvider, IReadOnlyList<RqlPropertyInfo>>? Filters { get; init; }

    /// <summary>Whether the response is the filtered list, which can then be ordered and paged.</summary>
    public bool AnswersList => Filters is not null && Answer?.Body is Array;

    /// <summary>The path parameter; null: none.</summary>
    public ApiTarget? Target { get; init; }

    /// <summary>The parameters besides those of the path and of lists.</summary>
    public IReadOnlyList<ApiParameter> Parameters { get; init; } = [];

    /// <summary>An example of the request body. Its type is the schema. Null if there is no body.</summary>
    public object? Body { get; init; }

    public bool IsBodyOptional { get; init; }

    /// <summary>Whether the operation accepts an <c>Idempotency-Key</c>.</summary>
    public bool IsRepeatable { get; init; }

    /// <summary>Whether the operation creates an object, which has no earlier version.</summary>
    public bool Creates { get; init; }

    public required ApiAnswer Answer { get; init; }

    /// <summary>The refusals that are specific to the operation, as examples.</summary>
    public IReadOnlyList<Refusal> Errors { get; init; } = [];

    /// <summary>Whether every token may call the operation, regardless of its modules.</summary>
    public bool IsOpen { get; init; }

    /// <summary>Whether the operation accepts <c>If-None-Match</c> and can respond with 304.</summary>
    public static bool TakesIfNoneMatch(string method) => HttpMethods.IsGet(method);

    /// <summary>Whether the operation accepts <c>If-Match</c>.</summary>
    public bool TakesIfMatch(string method) => !HttpMethods.IsGet(method) && !Creates;
}

/// <summary>A path parameter.</summary>
internal sealed record ApiTarget(string Description, string Example)
{
    public static readonly ApiTarget Token = new("The handle of the token.", Samples.Handle);
    public static readonly ApiTarget Module = new("The ID of the module.", Samples.ModuleId);
    public static readonly ApiTarget Extension = new("The ID of the extension.", Samples.ExtensionId);
}

/// <summary>A query parameter or a header.</summary>
/// <param name="Type">The type of the value: <see cref="string"/>, <see cref="int"/> or <see cref="DateOnly"/>.</param>
internal sealed record ApiParameter(string Name, string Description, Type Type, string Example, bool IsHeader = false);

/// <summary>The response of a successful request.</summary>
/// <param name="Body">An example, whose type is the schema; null: no body.</param>
/// <param name="Headers">Names in <see cref="ApiHeaders"/>, besides those of every response.</param>
internal sealed record ApiAnswer(int Status, string Description, object? Body, params string[] Headers)
{
    /// <summary>A second example, if the request determines whether the response is a single object or a list.</summary>
    public Array? OrList { get; init; }
}

/// <summary>The tags of the wire contract, by which client generators group methods.</summary>
internal static class ApiTags
{
    public const string Accounts = "Accounts", Auth = "Auth", Extensions = "Extensions", General = "General Collections", Statistics = "Statistics";

    /// <summary>The tags with title and description, in the order of the document.</summary>
    public static readonly IReadOnlyList<(string Name, string Title, string Description)> All =
    [
        (Extensions, "Tokens and extensions", "Tokens with their keys and permissions, and the extensions that they are created for."),
        (Statistics, "Statistics", "The number of responses by status code."),
        (General, "Modules and settings", "The modules that tokens can use, and the addresses from which tokens may be used."),
        (Accounts, "Accounts", "The account that a token belongs to."),
        (Auth, "The caller", "The account and the token of a key."),
    ];
}

/// <summary>Describes endpoints where they are mapped.</summary>
internal static class ApiDescriptions
{
    /// <param name="operations">One for each method of the endpoint, except HEAD, which is GET without the body.</param>
    public static void Describe(this IEndpointConventionBuilder endpoint, params ApiOperation[] operations) =>
        endpoint.WithMetadata([.. operations]);
}
