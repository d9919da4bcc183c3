using System.Globalization;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Portal.Data;
using Portal.Secrets;

namespace Portal.Hosting;

/// <summary>Describes startup failures that an operator can fix in one line with advice.</summary>
internal static partial class StartupFailure
{
    private const string Binder = "Microsoft.Extensions.Configuration.Binder";

    /// <returns>Null for any other exception, which is then reported in full.</returns>
    public static string? Describe(Exception exception) => exception switch
    {
        OptionsValidationException or AggregateException { InnerException: OptionsValidationException } =>
            Configuration(string.Join(' ', Faults(exception))),
        InvalidOperationException { Source: Binder } => Configuration(Binding(exception)),
        InvalidDataException { InnerException: FormatException } =>
            Configuration($"{Sentence(exception.Message)} {Sentence(exception.GetBaseException().Message)}"),
        FormatException when exception.Message.StartsWith("Invalid url", StringComparison.Ordinal) =>
            $"{Sentence(exception.Message)} Set --urls to an address such as http://localhost:5080, and then start Portal again.",
        DataDirectoryException or DatabaseUnusableException or SecretException or UnsafeSettingException => exception.Message,
        _ when DatabaseErrors.Find(exception) is { } fault => $"{fault.What}. {fault.Remedy}, and then start Portal again.",
        _ when exception.GetBaseException() is CultureNotFoundException =>
            "The pages need .NET's culture data. Remove the environment variable DOTNET_SYSTEM_GLOBALIZATION_INVARIANT, install the ICU library (libicu), and then start Portal again.",
        IOException { InnerException: AddressInUseException } =>
            $"{Sentence(exception.Message)} Stop the program that uses this address, or choose another address, for example --urls http://localhost:5081.",
        SocketException or IOException { InnerException: SocketException } =>
            $"{Sentence(exception.GetBaseException().Message)} Choose an address of this machine, for example --urls http://localhost:5081.",
        _ => null,
    };

    private static string Configuration(string faults) =>
        $"The configuration is invalid: {faults} Correct it in appsettings.json or the environment variables, and then start Portal again.".ReplaceLineEndings(" ");

    private static IEnumerable<string> Faults(Exception exception) => exception switch
    {
        OptionsValidationException invalid => invalid.Failures.Select(failure => Annotated().Match(failure) is { Success: true } match ? match.Groups[1].Value : failure),
        AggregateException several => several.InnerExceptions.SelectMany(Faults),
        _ => [Sentence(exception.Message)],
    };

    /// <summary>The message of the configuration binder. Its innermost exception names the setting.</summary>
    private static string Binding(Exception exception)
    {
        while (exception.InnerException is InvalidOperationException { Source: Binder } inner)
            exception = inner;
        return UnknownSetting().Match(exception.Message) is { Success: true } unknown
            ? $"There is no setting {unknown.Groups[2].Value} in {unknown.Groups[1].Value}."
            : Sentence(exception.Message) + Choices(exception.Message);
    }

    /// <summary>The valid values, if the setting must be one of a few words; or how to write a list.</summary>
    private static string Choices(string message) =>
        BoundList().Match(message) is { Success: true } list ? $" It must be a list: name its first entry {list.Groups[1].Value}:0."
        : BoundType().Match(message) is { Success: true } match && typeof(StartupFailure).Assembly.GetType(match.Groups[1].Value) is { IsEnum: true } type
            ? $" It can be {string.Join(" or ", Enum.GetNames(type))}."
            : "";

    private static string Sentence(string message) => message.TrimEnd('.') + ".";

    /// <summary>Matches the text that validation adds around an attribute's message.</summary>
    [GeneratedRegex("^DataAnnotation validation failed .* with the error: '(.*)'\\.$")]
    private static partial Regex Annotated();

    [GeneratedRegex(@"not found on the instance of Portal\.(?:\w+\.)*(?:\w+\+)?(\w+?)(?:Options)?: (.+)\z")]
    private static partial Regex UnknownSetting();

    [GeneratedRegex(@"at '([^']+)' to type 'System\.Collections\.Generic\.List`")]
    private static partial Regex BoundList();

    [GeneratedRegex("to type '([^']+)'")]
    private static partial Regex BoundType();
}
