using System.Text;
using MailServer.Domain.Addresses;
using MailServer.Protocol.Sieve.Bounds;
using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Reading;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Commands;

/// <summary><c>redirect</c> (RFC 5228 §4.2).</summary>
internal sealed class RedirectCommand(SieveText address, bool isList, bool isCopy, SieveRedirectOptions options) : SieveCommand
{
    public static SieveCommand Check(SieveArguments arguments)
    {
        var isCopy = arguments.Flag("copy", "copy");
        var isList = arguments.Flag("list", "extlists");
        if (isList) arguments.Checker.Needs |= SieveNeeds.Lists;
        var options = RedirectArguments.Read(arguments);
        var address = arguments.Text("the new recipient");
        if (!isList && address.Constant is { } constant && Read(constant) is null) arguments.Error(arguments.OffsetOfLast, $"'{constant}' is not an email address");
        return new RedirectCommand(address, isList, isCopy, options);
    }

    public override SieveFlow Run(SieveRun run)
    {
        var text = address.Expand(run);
        var recipient = isList ? text : Read(text) ?? throw new SieveFaultException($"'{text}' is not an email address");
        if (isList && !run.Facts.ListExists(text)) throw new SieveFaultException($"there is no list '{text}'");
        if (!isCopy) run.KeepsImplicitly = false;
        var same = run.Actions.OfType<SieveRedirect>().FirstOrDefault(a => a.Address.Equals(recipient, StringComparison.OrdinalIgnoreCase) && run.Change.IsCurrent(a));
        if (same is null) run.Add(new SieveRedirect(recipient, isList, isCopy) { Options = options });
        return SieveFlow.Next;
    }

    /// <summary>One address, with or without a name before it (RFC 5228 §2.4.2.3); null if it is none.</summary>
    private static string? Read(string text)
    {
        var addresses = SieveAddress.ReadAll(Encoding.UTF8.GetBytes(text));
        return addresses.Count == 1 && EmailAddress.TryCreate(addresses[0].Local, addresses[0].Domain, out var address) ? address.ToString() : null;
    }
}
