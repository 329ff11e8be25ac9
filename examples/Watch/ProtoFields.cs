using System.Buffers.Binary;

namespace Engine.Examples;

/// <summary>The fields of a message of Protocol Buffers, one after another. Source: https://protobuf.dev/programming-guides/encoding/.</summary>
internal ref struct ProtoFields(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> left = message;

    /// <summary>The field's number.</summary>
    public int Number { get; private set; }

    /// <summary>The bits of a number, whatever its size.</summary>
    public ulong Value { get; private set; }

    /// <summary>A text, or a message within.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Whether the message ended in mid-field, or has a field of no known kind.</summary>
    public bool IsBroken { get; private set; }

    public bool Next()
    {
        if (left.IsEmpty || IsBroken) return false;
        ulong key = Varint();
        (Number, Value) = ((int)(key >> 3), 0);
        Bytes = default;
        switch (key & 7)
        {
            case 0: Value = Varint(); break;
            case 1: Value = Take(8) is { Length: 8 } eight ? BinaryPrimitives.ReadUInt64LittleEndian(eight) : 0; break;
            case 2: Bytes = Take(Varint()); break;
            case 5: Value = Take(4) is { Length: 4 } four ? BinaryPrimitives.ReadUInt32LittleEndian(four) : 0; break;
            default: IsBroken = true; break;
        }
        return !IsBroken;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int i = 0; i < left.Length && i < 10; i++)
        {
            value |= (ulong)(left[i] & 127) << (7 * i);
            if (left[i] > 127) continue;
            left = left[(i + 1)..];
            return value;
        }
        IsBroken = true;
        return 0;
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (IsBroken || count > (ulong)left.Length)
        {
            IsBroken = true;
            return default;
        }
        var taken = left[..(int)count];
        left = left[(int)count..];
        return taken;
    }
}
