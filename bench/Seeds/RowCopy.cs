using Microsoft.Data.Sqlite;

namespace Portal.Bench.Seeds;

/// <summary>Copies the rows of a table that belong to a model, with some columns changed, with one prepared statement.</summary>
internal sealed class RowCopy : IAsyncDisposable
{
    private readonly SqliteConnection _connection;
    private readonly string _from;
    private readonly SqliteCommand _insert;
    private readonly object _model;

    /// <param name="keyColumn">The column that identifies the rows of the model; <paramref name="model"/> is its value.</param>
    /// <param name="changed">The columns whose values are passed to <see cref="AddAsync"/>.</param>
    public RowCopy(SqliteConnection connection, string table, string keyColumn, object model, string[] changed)
    {
        (_connection, _model) = (connection, model);
        _from = $"FROM \"{table}\" WHERE \"{keyColumn}\" = $model";
        var columns = ColumnsOf(connection, table);
        var values = columns.Select(column => Array.IndexOf(changed, column) is >= 0 and var i ? $"$v{i}" : $"\"{column}\"");
        var names = string.Join(", ", columns.Select(column => $"\"{column}\""));
        _insert = Command($"INSERT INTO \"{table}\" ({names}) SELECT {string.Join(", ", values)} {_from}");
        for (var i = 0; i < changed.Length; i++)
            _insert.Parameters.AddWithValue($"$v{i}", DBNull.Value);
    }

    /// <summary>Returns the model's value in a column.</summary>
    public async Task<object> ValueAsync(string column)
    {
        await using var command = Command($"SELECT \"{column}\" {_from}");
        return await command.ExecuteScalarAsync() ?? throw new BenchException($"The model has no {column}.");
    }

    /// <param name="values">In the order of the changed columns; null for NULL.</param>
    public async Task AddAsync(params object?[] values)
    {
        for (var i = 0; i < values.Length; i++)
            _insert.Parameters[i + 1].Value = values[i] ?? DBNull.Value;
        await _insert.ExecuteNonQueryAsync();
    }

    public ValueTask DisposeAsync() => _insert.DisposeAsync();

    private SqliteCommand Command(string statement)
    {
        var command = _connection.CreateCommand();
        command.CommandText = statement;
        command.Parameters.AddWithValue("$model", _model);
        return command;
    }

    private static List<string> ColumnsOf(SqliteConnection connection, string table)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT name FROM pragma_table_info($table)";
        command.Parameters.AddWithValue("$table", table);
        using var reader = command.ExecuteReader();
        var columns = new List<string>();
        while (reader.Read())
            columns.Add(reader.GetString(0));
        return columns;
    }
}
