using System.Text.Json;
using Portal.Accounts;
using Portal.Authentication;
using Portal.Tokens;

namespace Portal.Api.Idempotency;

/// <summary>A call that came with an idempotency key and was not answered before.</summary>
internal sealed class IdempotentCall(byte[] id, byte[] request, AnswerSeal seal)
{
    /// <summary>What was remembered with the change; null: nothing was.</summary>
    public KeptAnswer? Answer { get; private set; }

    /// <summary>Null: the call came without such a key.</summary>
    public static IdempotentCall? Of(HttpContext context) => context.Features.Get<IdempotentCall>();

    /// <summary>What the service needs to remember the answer with the change.</summary>
    /// <param name="status">The answer's; 201 says where the new token is.</param>
    public CallToRemember Remember(int status, AccountSummary owner, JsonSerializerOptions format) => new(id, request, (token, key) =>
    {
        Answer = new KeptAnswer(
            status, EntityTags.Of(token), status == StatusCodes.Status201Created ? $"{ApiGate.BasePath}{OwnPaths.Tokens}/{token.Handle}" : null,
            JsonSerializer.Serialize(TokenBody.Of(token, owner, key), format));
        return seal.Close(Answer.ToBytes());
    });
}
