using System.Data.Common;

namespace Portal.Data;

/// <summary>Creates commands for tables that aren't part of the model.</summary>
internal static class ParameterizedCommand
{
    /// <param name="statement">A constant.</param>
    /// <param name="parameters">The parameters, with their names as in the statement.</param>
    public static DbCommand CreateCommand(this DbConnection connection, string statement, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are constants.
        command.CommandText = statement;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
