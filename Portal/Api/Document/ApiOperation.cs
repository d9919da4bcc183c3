using Portal.Api.Rql;
using Portal.Wire;

namespace Portal.Api.Document;

/// <summary>An operation of the API as its document describes it: what the code that serves it does not say by itself. Stands beside
/// the mapping of its endpoint. Errors that every operation can meet are in <see cref="CommonErrors"/> and not named here.</summary>
/// <param name="Id">Generators of clients make the method's name from it. With the wire contract, the contract's.</param>
/// <param name="Tag">One of <see cref="ApiTags"/>.</param>
/// <param name="Summary">A few words, without a full stop.</param>
internal sealed record ApiOperation(string Id, string Tag, string Summary)
{
    /// <summary>Sentences in Markdown.</summary>
    public string Description { get; init; } = "";

    /// <summary>For an endpoint with several methods: the one that is meant; null: the endpoint's only one.</summary>
    public string? Method { get; init; }

    /// <summary>For a list: what it can be filtered, ordered and searched by.</summary>
    public Func<IServiceProvider, IReadOnlyList<RqlPropertyInfo>>? Filters { get; init; }

    /// <summary>Whether the list that is filtered is also the answer, and can be ordered and cut.</summary>
    public bool AnswersList => Filters is not null && Answer?.Body is Array;

    /// <summary>The parameter of the path; null if it has none.</summary>
    public ApiTarget? Target { get; init; }

    /// <summary>Besides those of the path and of lists.</summary>
    public IReadOnlyList<ApiParameter> Parameters { get; init; } = [];

    /// <summary>An example of the request body. Its type is the schema. Null if there is no body.</summary>
    public object? Body { get; init; }

    public bool IsBodyOptional { get; init; }

    /// <summary>Whether it takes an <c>Idempotency-Key</c>.</summary>
    public bool IsRepeatable { get; init; }

    /// <summary>Whether it creates what has no version before.</summary>
    public bool Creates { get; init; }

    public required ApiAnswer Answer { get; init; }

    /// <summary>The refusals of its own, as it would give them.</summary>
    public IReadOnlyList<Refusal> Errors { get; init; } = [];

    /// <summary>Whether a token may call it whatever its modules.</summary>
    public bool IsOpen { get; init; }

    /// <summary>Whether it takes <c>If-None-Match</c>, and can be answered 304.</summary>
    public static bool TakesIfNoneMatch(string method) => HttpMethods.IsGet(method);

    /// <summary>Whether it takes <c>If-Match</c>.</summary>
    public bool TakesIfMatch(string method) => !HttpMethods.IsGet(method) && !Creates;
}

/// <summary>A parameter of a path.</summary>
internal sealed record ApiTarget(string Description, string Example)
{
    public static readonly ApiTarget Token = new("The handle of the token.", Samples.Handle);
    public static readonly ApiTarget Module = new("The ID of the module.", Samples.ModuleId);
    public static readonly ApiTarget Extension = new("The ID of the extension.", Samples.ExtensionId);
}

/// <summary>A parameter in the query, or a header.</summary>
/// <param name="Type">Of its value: <see cref="string"/>, <see cref="int"/> or <see cref="DateOnly"/>.</param>
internal sealed record ApiParameter(string Name, string Description, Type Type, string Example, bool IsHeader = false);

/// <summary>The answer when all goes well.</summary>
/// <param name="Body">An example; its type is the schema. Null: no body.</param>
/// <param name="Headers">Of <see cref="ApiHeaders"/>, besides those of every answer.</param>
internal sealed record ApiAnswer(int Status, string Description, object? Body, params string[] Headers)
{
    /// <summary>A second example, where the answer depends on what is asked: a list of what is otherwise answered alone.</summary>
    public Array? OrList { get; init; }
}

/// <summary>The tags of the wire contract, of which generators make groups of methods.</summary>
internal static class ApiTags
{
    public const string Accounts = "Accounts", Auth = "Auth", Extensions = "Extensions", General = "General Collections", Statistics = "Statistics";

    /// <summary>The title and the description of each, in the order in which people see them.</summary>
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
    /// <param name="operations">One for each method of the endpoint; HEAD needs none, it is GET without the body.</param>
    public static void Describe(this IEndpointConventionBuilder endpoint, params ApiOperation[] operations) =>
        endpoint.WithMetadata([.. operations]);
}
