namespace MailServer.Protocol.Messages;

/// <summary>Assembles BODYSTRUCTURE and the part table from the collected pieces.</summary>
internal static class SummaryWriter
{
    // body = "(" (body-type-1part / body-type-mpart) ")"
    public static void WriteBody(MimePart part, WireBuilder pieces, WireBuilder output)
    {
        output.Add((byte)'(');
        if (part.Kind == PartKind.Multipart)
        {
            foreach (var child in part.Children) WriteBody(child, pieces, output);
            output.Add(pieces[part.Fields]);
        }
        else
        {
            WriteSingle(part, pieces, output);
        }

        output.Add((byte)')');
    }

    public static void WriteParts(MimePart part, PartTableWriter output)
    {
        output.Write(part.Kind, part.Children.Count, part.HeaderOffset, part.BodyOffset, part.BodyLength);
        foreach (var child in part.Children) WriteParts(child, output);
    }

    private static void WriteSingle(MimePart part, WireBuilder pieces, WireBuilder output)
    {
        output.Add(pieces[part.Fields]);
        output.Add((byte)' ');
        output.AddNumber(part.BodyLength);
        if (part.Kind == PartKind.Message)
        {
            output.Add((byte)' ');
            output.Add(pieces[part.Children[0].Envelope]);
            output.Add((byte)' ');
            WriteBody(part.Children[0], pieces, output);
        }

        if (part.IsText || part.Kind == PartKind.Message)
        {
            output.Add((byte)' ');
            output.AddNumber(part.Lines);
        }

        output.Add(pieces[part.Extensions]);
    }
}
