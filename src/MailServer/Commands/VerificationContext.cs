using System.CommandLine;
using System.Net;
using System.Text;
using MailServer.Common;
using MailServer.Domain;
using MailServer.Domain.Messages;
using MailServer.Network.Dns;
using MailServer.Protocol.MessageAuthentication;
using MailServer.Protocol.MessageAuthentication.Dkim;

namespace MailServer.Commands;

/// <summary>Shared by the troubleshooting commands for SPF, DKIM, DMARC and ARC: the configured resolver, reading a message file, printing steps.</summary>
internal static class VerificationContext
{
    public static Resolver OpenResolver(CommandContext context) => new(context.Options.Dns.Servers);

    public static Argument<string> FileArgument() => new("FILE") { Description = "A file with a message as received." };

    public static IPAddress Address(string text) =>
        IPAddress.TryParse(text, out var address) ? address : throw new CommandFailure($"'{text}' is not an IP address", ExitCodes.Usage);

    /// <summary>Reads a message and converts its line endings to CRLF.</summary>
    public static SignedMessage ReadMessage(CommandContext context, string file)
    {
        if (!Path.Exists(file)) throw new CommandFailure($"no file '{file}'");
        var octets = Encoding.Latin1.GetString(NamedFile.ReadAll(file, context.Options.Security.MaxMessageSize)).ReplaceLineEndings("\n").Replace("\n", "\r\n", StringComparison.Ordinal);
        return SignedMessage.Read(new InMemoryContent(Encoding.Latin1.GetBytes(octets)), Limits.Default.MaxHeaderSize)
            ?? throw new CommandFailure($"the header of '{file}' is too long");
    }

    public static IEnumerable<string> Describe(IReadOnlyList<DkimOutcome> outcomes)
    {
        if (outcomes.Count == 0) yield return "no DKIM signature";
        foreach (var o in outcomes)
        {
            var key = o.KeyBits > 0 ? $", {o.KeyBits}-bit key" : "";
            yield return $"{(o.Domain.Length > 0 ? o.Domain : "?")} (selector {o.Selector}, {o.Algorithm}{key}): {Name(o.Result)}: {o.Reason}{(o.IsTesting ? " [test mode]" : "")}";
            if (o.SignedNames.Count > 0) yield return $"  signed: {string.Join(", ", o.SignedNames)}";
        }
    }

    /// <summary>Prints the steps and then the result. JSON output is a list with one object that contains both.</summary>
    public static int Report(CommandContext context, string result, string domain, string reason, IEnumerable<string> steps)
    {
        if (context.WantsJson)
        {
            var listing = new Listing("result", "domain", "reason", "steps");
            listing.Add(result, domain, reason, steps.ToArray());
            return context.Print(listing);
        }

        foreach (var step in steps) context.WriteLine(step);
        context.WriteLine($"result: {result}");
        return ExitCodes.Success;
    }

    public static string Name<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();
}
