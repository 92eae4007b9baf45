namespace MailServer.Network.Outbound;

/// <summary>A host has only addresses that <see cref="AddressRule"/> forbids.</summary>
public sealed class AddressRefusedException : IOException
{
    public AddressRefusedException(string host)
        : base($"{host} has no public address") { }

    public AddressRefusedException() { }

    public AddressRefusedException(string message, Exception inner)
        : base(message, inner) { }
}
