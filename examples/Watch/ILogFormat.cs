namespace Engine.Examples;

/// <summary>A log's form in bytes.</summary>
internal interface ILogFormat
{
    /// <summary>Reads what is whole.</summary>
    /// <param name="bytes">From a line's, or record's, first byte on.</param>
    /// <param name="rest">Bytes to the file's end, those given included.</param>
    /// <param name="lines">Takes objects of JSON.</param>
    /// <returns>Bytes read, or to be passed over, and what of them could not be read.</returns>
    (long Consumed, int Skipped) Parse(ReadOnlySpan<byte> bytes, long rest, List<string> lines);
}
