using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Portal.Data;

namespace Portal.Hosting;

/// <summary>Turns the failures of a start that an operator can mend into one line that says how.</summary>
internal static class StartupFailure
{
    /// <returns>Null: not one of these, let it be seen whole.</returns>
    public static string? Describe(Exception exception) => exception switch
    {
        OptionsValidationException invalid => $"The configuration is wrong: {string.Join(" ", invalid.Failures)} Mend it in appsettings.json or the environment, then start Portal again.",
        DataDirectoryException directory => directory.Message,
        DatabaseUnusableException database => database.Message,
        FormatException or InvalidDataException { InnerException: FormatException } or InvalidOperationException { InnerException: FormatException } =>
            $"The configuration is wrong: {Innermost(exception).Message} Mend it in appsettings.json or the environment, then start Portal again.",
        IOException { InnerException: AddressInUseException } =>
            $"{Sentence(exception.Message)} Stop the program that listens there, or choose another address with --urls http://localhost:5081.",
        SocketException or IOException { InnerException: SocketException } =>
            $"{Sentence(Innermost(exception).Message)} Choose an address of this machine with --urls http://localhost:5081.",
        _ => null,
    };

    private static Exception Innermost(Exception exception) => exception.GetBaseException();

    private static string Sentence(string message) => message.TrimEnd('.') + ".";
}
