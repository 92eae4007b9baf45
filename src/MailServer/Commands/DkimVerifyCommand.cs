using System.CommandLine;
using MailServer.Domain;
using MailServer.Protocol.MessageAuthentication.Dkim;

namespace MailServer.Commands;

/// <summary><c>dkim verify FILE</c>.</summary>
internal static class DkimVerifyCommand
{
    public static Command Create(CommandFactory factory)
    {
        var file = VerificationContext.FileArgument();
        return factory.Action(
            "verify", "Verify the DKIM signatures of a message and explain failures.",
            ["dkim verify message.eml"], [file, factory.Json], async (context, cancel) =>
            {
                var verifier = new DkimVerifier(VerificationContext.OpenResolver(context), context.Shell.Time, Limits.Default);
                var outcomes = await verifier.VerifyAsync(VerificationContext.ReadMessage(context, context.Get(file)), cancel);
                var best = outcomes.FirstOrDefault(o => o.Result == DkimResult.Pass) ?? (outcomes.Count > 0 ? outcomes[0] : null);
                return VerificationContext.Report(
                    context, VerificationContext.Name(best?.Result ?? DkimResult.None), best?.Domain ?? "", best?.Reason ?? "", VerificationContext.Describe(outcomes));
            });
    }
}
