using MailServer.Protocol.ManageSieve.Decoding;

namespace MailServer.Protocol.ManageSieve.Commands;

/// <summary>The commands about the session itself.</summary>
internal static class SessionCommands
{
    /// <summary>STARTTLS (RFC 5804 §2.2). Plaintext input after the command is discarded.</summary>
    public static IEnumerable<ManageSieveEffect> StartTls(ManageSieveSession session, IReadOnlyList<CommandArgument> words)
    {
        if (session.Tls is not null) session.Refuse(ManageSieveResult.No("TLS is active already"));
        else if (session.Account is not null) session.Refuse(ManageSieveResult.No("STARTTLS comes before AUTHENTICATE"));
        else if (!session.Options.TlsAvailable) session.Refuse(ManageSieveResult.No("TLS is not available"));
        else
        {
            session.Say(ManageSieveResult.Ok("Begin TLS now"));
            session.DropInput();
            yield return new ManageSieveEffect.StartTls();
        }
    }

    /// <summary>LOGOUT (RFC 5804 §2.3) is answered with OK; BYE is for ends that the server decides.</summary>
    public static IEnumerable<ManageSieveEffect> Logout(ManageSieveSession session, IReadOnlyList<CommandArgument> words)
    {
        session.Say(ManageSieveResult.Ok("Goodbye"));
        session.End();
        yield break;
    }

    /// <summary>CAPABILITY (RFC 5804 §2.4).</summary>
    public static IEnumerable<ManageSieveEffect> Capability(ManageSieveSession session, IReadOnlyList<CommandArgument> words)
    {
        CapabilityList.Write(session);
        session.Say(ManageSieveResult.Ok("Capabilities completed"));
        yield break;
    }

    /// <summary>NOOP (RFC 5804 §2.13): the tag comes back, so that a client can find its place.</summary>
    public static IEnumerable<ManageSieveEffect> Noop(ManageSieveSession session, IReadOnlyList<CommandArgument> words)
    {
        session.Say(words.Count > 1 ? ManageSieveResult.Ok("Done", "TAG", words[1].Octets) : ManageSieveResult.Ok("NOOP completed"));
        yield break;
    }

    /// <summary>UNAUTHENTICATE (RFC 5804 §2.14.1). TLS stays.</summary>
    public static IEnumerable<ManageSieveEffect> Unauthenticate(ManageSieveSession session, IReadOnlyList<CommandArgument> words)
    {
        session.SignOut();
        session.Say(ManageSieveResult.Ok("Signed out"));
        yield break;
    }
}
