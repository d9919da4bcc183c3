using Microsoft.AspNetCore.Http.Features;
using Portal.Catalog;

namespace Portal.Authentication;

/// <summary>Who calls the API: what the gate tells the endpoints behind it, and what they may tell the gate. An endpoint
/// takes it as a parameter.</summary>
/// <param name="module">The module that owns the path; null: it is open to any valid token.</param>
public sealed class ApiCaller(Credential credential, Module? module)
{
    public Credential Credential => credential;
    public Module? Module => module;

    /// <summary>What the gate is to count, and to answer if nobody has begun to; null: the endpoint answered.</summary>
    public Refusal? Refusal { get; private set; }

    /// <summary>The answer comes from elsewhere and is whole, even if it has no body.</summary>
    public bool AnsweredElsewhere { get; private set; }

    /// <summary>Leaves it to the gate to say so, and to count the request under the refusal's code.</summary>
    public void Refuse(Refusal refusal) => Refusal = refusal;

    public void LeaveAnswerAlone() => AnsweredElsewhere = true;

    /// <exception cref="InvalidOperationException">The request did not come through the gate.</exception>
    public static ValueTask<ApiCaller> BindAsync(HttpContext context) => new(Of(context));

    /// <inheritdoc cref="BindAsync"/>
    public static ApiCaller Of(HttpContext context) => context.Features.GetRequiredFeature<ApiCaller>();
}
