using System.CommandLine;
using MailServer.Protocol.MessageAuthentication.Arc;

namespace MailServer.Commands;

/// <summary><c>arc verify FILE</c>.</summary>
internal static class ArcCommand
{
    public static Command Create(CommandFactory factory) => CommandFactory.Group("arc", "Validate the ARC chain of a message.", Verify(factory));

    private static Command Verify(CommandFactory factory)
    {
        var file = VerificationContext.FileArgument();
        return factory.Action(
            "verify", "Validate the ARC chain of a message and print each step.", ["arc verify message.eml"], [file, factory.Json], async (context, cancel) =>
            {
                var chain = ArcChain.Read(VerificationContext.ReadMessage(context, context.Get(file)));
                var outcome = await new ArcValidator(VerificationContext.OpenResolver(context)).ValidateAsync(chain, cancel);
                return VerificationContext.Report(
                    context, VerificationContext.Name(outcome.Result), outcome.Sealers.Count > 0 ? outcome.Sealers[^1] : "", outcome.Reason, outcome.Steps);
            });
    }
}
