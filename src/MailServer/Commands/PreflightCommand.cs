using System.CommandLine;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Diagnostics;

namespace MailServer.Commands;

/// <summary><c>preflight</c>.</summary>
internal static class PreflightCommand
{
    public static Command Create(CommandFactory factory)
    {
        var probe = new Option<string>("--probe")
        {
            Description = "The host whose port 25 is tried, to see whether mail may leave this network.",
            HelpName = "HOST[:PORT]",
            DefaultValueFactory = static _ => Preflight.DefaultProbe,
        };
        var offline = new Option<bool>("--offline") { Description = "Only what this machine alone can tell: no DNS, no connection." };
        return factory.Action(
            "preflight", "Checks before the first start what a mail server needs: ports, DNS, reverse DNS, outgoing port 25, disk, clock.",
            ["preflight", "preflight --probe mx.example.net", "preflight --offline --json"], [probe, offline, factory.Json], async (context, cancel) =>
            {
                var text = context.Get(probe)!;
                if (!ConfigurationValues.Host.TryRead(text, out var outside)) throw new CommandFailure($"'{text}' is not {ConfigurationValues.Host.Allowed}", ExitCodes.Usage);
                var preflight = new Preflight(context.Options, TrustContext.OpenResolver(context));
                var findings = new List<Finding>(await preflight.LocalAsync(cancel));
                if (!context.Get(offline)) findings.AddRange(await preflight.OutsideAsync(outside, cancel));
                return FindingListing.Report(context, findings);
            });
    }
}
