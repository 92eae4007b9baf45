namespace MailServer.Network.Outbound;

/// <summary>A host has only addresses that the server must not connect to for others (<see cref="AddressRule"/>).</summary>
public sealed class AddressRefusedException : IOException
{
    public AddressRefusedException(string host)
        : base($"{host} has no public address") { }

    public AddressRefusedException() { }

    public AddressRefusedException(string message, Exception inner)
        : base(message, inner) { }
}
