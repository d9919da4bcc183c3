using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Portal.Accounts;
using Portal.Authentication;
using Portal.Tokens;

namespace Portal.Api.Idempotency;

/// <summary>A request with an idempotency key that must be processed, because it has no stored response or consists of several parts.</summary>
internal sealed class IdempotentRequest(IdempotentResponses remembered, byte[] id, byte[] request, ResponseSeal seal)
{
    /// <summary>The response that is stored with the change; null if none is.</summary>
    public StoredResponse? Answer { get; private set; }

    /// <summary>The items that the first request with this key stored; null: this is the first.</summary>
    public IReadOnlyList<string>? Items { get; init; }

    /// <summary>Returns the request; null: it has no idempotency key.</summary>
    public static IdempotentRequest? Of(HttpContext context) => context.Features.Get<IdempotentRequest>();

    /// <summary>The data that the service stores with the change to repeat the response.</summary>
    /// <param name="status">The status of the response. With 201, it also has the address of the new token.</param>
    public IdempotentResponseToStore Remember(int status, AccountSummary owner, JsonSerializerOptions format) => new(id, request, (token, key) =>
    {
        Answer = new StoredResponse(
            status, EntityTags.Of(token, owner), status == StatusCodes.Status201Created ? $"{ApiKeyMiddleware.BasePath}{ManagementPaths.Tokens}/{token.Handle}" : null,
            JsonSerializer.Serialize(TokenBody.Of(token, owner, key), format));
        return seal.Close(Answer.ToBytes());
    });

    /// <summary>Stores the items of a request with several parts, before the first part is processed.</summary>
    public Task BeginAsync(IReadOnlyList<string> items, CancellationToken cancellation) =>
        remembered.AddAsync(id, request, seal.Close(JsonSerializer.SerializeToUtf8Bytes(items)), cancellation);

    /// <summary>The part of the request for one item. Its response is stored separately, together with its change.</summary>
    public IdempotentRequest PartFor(string item)
    {
        var partId = SHA256.HashData([.. id, .. Encoding.UTF8.GetBytes(item)]);
        return new IdempotentRequest(remembered, partId, request, seal.For(partId));
    }

    /// <summary>Finds the stored response for this part; null: it wasn't processed yet.</summary>
    public async Task<StoredResponse?> FindEarlierAsync(CancellationToken cancellation) =>
        await remembered.FindAsync(id, cancellation) is { } earlier && seal.Open(earlier.Answer) is { } answer ? StoredResponse.Of(answer) : null;
}
