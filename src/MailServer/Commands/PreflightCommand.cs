using System.CommandLine;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Diagnostics;
using MailServer.Domain.Health;

namespace MailServer.Commands;

/// <summary><c>preflight</c>.</summary>
internal static class PreflightCommand
{
    public static Command Create(CommandFactory factory)
    {
        var probe = new Option<string>("--probe")
        {
            Description = "The mail server to connect to on port 25, to check that outgoing mail is not blocked.",
            HelpName = "HOST[:PORT]",
            DefaultValueFactory = static _ => HealthOptions.DefaultProbe,
        };
        var offline = new Option<bool>("--offline") { Description = "Check only this machine: no DNS, no outgoing connections." };
        return factory.Action(
            "preflight", "Check the machine before first start: ports, DNS, disk, clock. Also checks reverse DNS and outgoing port 25. The exit code is 1 if there is a problem.",
            ["preflight", "preflight --probe mx.example.net", "preflight --offline --json"], [probe, offline, factory.Json], async (context, cancel) =>
            {
                var text = context.Get(probe)!;
                if (!ConfigurationValues.Host.TryRead(text, out var outside)) throw new CommandFailure($"'{text}' is not {ConfigurationValues.Host.Allowed}", ExitCodes.Usage);
                var preflight = new Preflight(context.Options, VerificationContext.OpenResolver(context));
                var findings = new List<CheckResult>(await preflight.CheckLocalAsync(cancel));
                if (!context.Get(offline)) findings.AddRange(await preflight.CheckNetworkAsync(outside, cancel));
                return FindingListing.Report(context, findings);
            });
    }
}
