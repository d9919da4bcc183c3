using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Tokens;

namespace Portal.Notices;

/// <inheritdoc cref="ITokenNotices"/>
internal sealed class TokenNotices(ReaderFinder readers, NoticeRows rows) : ITokenNotices
{
    /// <inheritdoc/>
    public async Task AddAsync(PortalDbContext context, TokenNotice notice, DateTime now, CancellationToken cancellation)
    {
        var token = await context.Tokens.AsNoTracking().Where(token => token.Id == notice.TokenId).Select(token => new { token.Contact, token.OwnerId }).SingleAsync(cancellation);
        var told = await readers.FindAsync(context, notice.AccountId, notice.Kind, [(notice.TokenId, token.Contact, token.OwnerId)], cancellation);
        rows.Add(context, notice, told[notice.TokenId], now);
    }
}
