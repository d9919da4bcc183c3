using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace Portal.Data;

/// <summary>A statement with one parameter, on a connection that stays open.</summary>
internal sealed class OpenCommand : IDisposable
{
    private readonly PortalDbContext _context;
    private readonly DbCommand _command;
    private readonly DbParameter _parameter;

    private OpenCommand(PortalDbContext context, string statement, string parameter)
    {
        _context = context;
        _command = context.Database.GetDbConnection().CreateCommand();
        _command.CommandText = statement;
        _parameter = _command.CreateParameter();
        _parameter.ParameterName = parameter;
        _command.Parameters.Add(_parameter);
    }

    /// <param name="gate">Its user calls <see cref="ReadLimiter.EnterAsync"/> for each read, because the connection stays open in between.</param>
    public static async Task<OpenCommand> OpenAsync(
        IDbContextFactory<PortalDbContext> contexts, ReadLimiter? gate, string statement, string parameter, CancellationToken cancellation)
    {
        var context = await contexts.CreateDbContextAsync(cancellation);
        try
        {
            await context.Database.OpenConnectionAsync(cancellation);
            gate?.Leave(context.Database.GetDbConnection());
            return new OpenCommand(context, statement, parameter);
        }
        catch
        {
            await context.DisposeAsync();
            throw;
        }
    }

    public Task<DbDataReader> ReadAsync(object value, CancellationToken cancellation)
    {
        _parameter.Value = value;
        return _command.ExecuteReaderAsync(cancellation);
    }

    public void Dispose()
    {
        _command.Dispose();
        _context.Dispose();
    }
}
