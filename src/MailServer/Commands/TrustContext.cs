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

/// <summary>What the troubleshooting commands of SPF, DKIM, DMARC and ARC have in common: DNS as configured, a message file, steps to print.</summary>
internal static class TrustContext
{
    public static Resolver OpenResolver(CommandContext context) => new(context.Options.Dns.Servers);

    public static Argument<string> FileArgument() => new("FILE") { Description = "A message as it was received." };

    public static IPAddress Address(string text) =>
        IPAddress.TryParse(text, out var address) ? address : throw new CommandFailure($"'{text}' is not an IP address", ExitCodes.Usage);

    /// <summary>The message with lines that end as they do on the wire, whatever the file's do.</summary>
    public static SignedMessage ReadMessage(string file)
    {
        if (!File.Exists(file)) throw new CommandFailure($"there is no file '{file}'");
        var octets = Encoding.Latin1.GetString(File.ReadAllBytes(file)).ReplaceLineEndings("\n").Replace("\n", "\r\n", StringComparison.Ordinal);
        return SignedMessage.Read(new MemoryContent(Encoding.Latin1.GetBytes(octets)), Limits.Default.MaxHeaderSize)
            ?? throw new CommandFailure($"the header of '{file}' is too long");
    }

    public static IEnumerable<string> Describe(IReadOnlyList<DkimOutcome> outcomes)
    {
        if (outcomes.Count == 0) yield return "there is no DKIM signature";
        foreach (var o in outcomes)
        {
            var key = o.KeyBits > 0 ? $", {o.KeyBits}-bit key" : "";
            yield return $"{(o.Domain.Length > 0 ? o.Domain : "?")} (selector {o.Selector}, {o.Algorithm}{key}): {Name(o.Result)}: {o.Reason}{(o.IsTesting ? " [test mode]" : "")}";
            if (o.SignedNames.Count > 0) yield return $"  signed: {string.Join(", ", o.SignedNames)}";
        }
    }

    /// <summary>The steps, then the result; JSON has both in one object of a list.</summary>
    public static int Report(CommandContext context, string result, string domain, string reason, IEnumerable<string> steps)
    {
        if (context.WantsJson)
        {
            var listing = new Listing("result", "domain", "reason", "steps");
            listing.Add(result, domain, reason, steps.ToArray());
            return context.Print(listing);
        }

        foreach (var step in steps) context.Say(step);
        context.Say($"result: {result}");
        return ExitCodes.Done;
    }

    public static string Name<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();
}
