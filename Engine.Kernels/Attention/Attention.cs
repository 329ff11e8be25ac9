using System.Runtime.CompilerServices;

namespace Engine.Kernels;

public abstract partial class Device
{
    /// <summary>y_i = Σ_j p_ij v_j with p_ij = exp(s_ij − m_i) / Σ_j exp(s_ij − m_i), s_ij = scale·q_i·k_j + mask_ij over the keys j that query i sees, and
    /// m_i = max_j s_ij; for each of B and H. The T×S matrices are never in memory. A query that sees no key gives 0.</summary>
    /// <param name="x">Queries, keys, values, mask and lengths.</param>
    /// <param name="y">Float32, T×E for each of B and H.</param>
    /// <param name="softmax">Float32, (B, H, T, 2): m and 1 / Σ exp(s − m), for backward; ∞ and 0 of a query that sees no key. Not one number ln Σ exp s: beside
    /// a large m its float loses the sum.</param>
    /// <param name="sizes">The sizes, and which keys a query sees. Dropout multiplies p_ij by 0 or 1/(1 − rate) after the sum.</param>
    /// <exception cref="IndexException">A length is not in 0..S.</exception>
    /// <exception cref="ArgumentOutOfRangeException">D or E is below 1, or the share dropped is not in [0, 1).</exception>
    /// <remarks>A NaN reaches what sees it, and −∞ in a mask hides a key. Keys past their length, and those that causality hides from every query, are never
    /// read. Source: Vaswani et al. 2017, arXiv:1706.03762; the running softmax: Dao et al. 2022, "FlashAttention", arXiv:2205.14135.</remarks>
    public void AttentionForward(AttentionInputs x, Matrices y, View softmax, AttentionSizes sizes)
    {
        CheckAttention(x, y, softmax, sizes);
        if (sizes.Rows > 0) AttentionForwardCore(x, y, softmax, sizes);
        Done(nameof(AttentionForward), x.Queries.Data, x.Keys.Data, x.Values.Data, y.Data, softmax, x.Mask?.Data ?? default);
    }

    /// <summary>dv_j = Σ_i p_ij dy_i, ds_ij = p_ij (dy_i·v_j − dy_i·y_i), dq_i = scale Σ_j ds_ij k_j, dk_j = scale Σ_i ds_ij q_i, with the dropout of
    /// forward drawn again where p_ij meets dy_i. Keys that several query heads share get the sum. A mask gets no gradient.</summary>
    /// <param name="x">As in forward.</param>
    /// <param name="y">Float32, from forward.</param>
    /// <param name="softmax">Float32, from forward.</param>
    /// <param name="dy">Float32, T×E for each of B and H.</param>
    /// <param name="dq">Float32, T×D for each of B and H.</param>
    /// <param name="dk">Float32, S×D for each of B and G.</param>
    /// <param name="dv">Float32, S×E for each of B and G.</param>
    /// <param name="sizes">As in forward.</param>
    /// <exception cref="IndexException">A length is not in 0..S.</exception>
    /// <exception cref="ArgumentOutOfRangeException">D or E is below 1, or the share dropped is not in [0, 1).</exception>
    public void AttentionBackward(AttentionInputs x, Matrices y, View softmax, Matrices dy, Matrices dq, Matrices dk, Matrices dv, AttentionSizes sizes)
    {
        CheckAttention(x, y, softmax, sizes);
        CheckHeads(dy, sizes.Batch, sizes.Heads, sizes.T, sizes.E);
        CheckHeads(dq, sizes.Batch, sizes.Heads, sizes.T, sizes.D);
        CheckHeads(dk, sizes.Batch, sizes.KeyHeads, sizes.S, sizes.D);
        CheckHeads(dv, sizes.Batch, sizes.KeyHeads, sizes.S, sizes.E);
        if (sizes.Batch * sizes.Heads > 0) AttentionBackwardCore(x, y, softmax, dy, dq, dk, dv, sizes);
        GC.KeepAlive(x.Keys.Data.Storage);
        GC.KeepAlive(x.Values.Data.Storage);
        Done(nameof(AttentionBackward), x.Queries.Data, x.Mask?.Data ?? default, y.Data, softmax, dy.Data, dq.Data, dk.Data, dv.Data);
    }

    private void CheckAttention(AttentionInputs x, Matrices y, View softmax, AttentionSizes sizes, [CallerMemberName] string kernel = "")
    {
        var (batch, heads, keyHeads, t, s, d, e) = sizes;
        if (keyHeads < 1 || heads % keyHeads != 0) throw new ArgumentException($"{kernel}: {heads} query heads are no multiple of {keyHeads} key heads.", nameof(sizes));
        if (d < 1 || e < 1) throw new ArgumentOutOfRangeException(nameof(sizes), Math.Min(d, e), $"{kernel}: a head has {d} numbers of queries and {e} of values, and needs one of each at least.");
        if (!(sizes.Dropout >= 0 && sizes.Dropout < 1)) throw new ArgumentOutOfRangeException(nameof(sizes), sizes.Dropout, $"{kernel}: the share dropped lies in [0, 1).");
        if ((sizes.Position & 3) != 0) throw new ArgumentException($"{kernel}: the first word's index is a multiple of 4, not {sizes.Position}.", nameof(sizes));
        CheckHeads(x.Queries, batch, heads, t, d, kernel);
        CheckHeads(x.Keys, batch, keyHeads, s, d, kernel);
        CheckHeads(x.Values, batch, keyHeads, s, e, kernel);
        CheckHeads(y, batch, heads, t, e, kernel);
        Check(softmax, DType.Float32, checked(2 * sizes.Rows), kernel);
        if (x.Mask is { } mask)
        {
            Check(mask.Data, mask.Data.DType == DType.UInt8 ? DType.UInt8 : DType.Float32, kernel: kernel);
            Reaches(mask, batch, heads, t, s, kernel, nameof(x.Mask));
        }
        if (x.Lengths is not { } lengths) return;
        if (lengths.Length != batch) throw new ArgumentException($"{kernel}: {lengths.Length} lengths for a batch of {batch}.", nameof(x));
        for (int b = 0; b < batch; b++)
            if ((uint)lengths[b] > (uint)s) throw BadIndex(kernel, b, lengths[b], s + 1);
    }

    private void CheckHeads(Matrices m, int batch, int heads, int rows, int columns, [CallerMemberName] string kernel = "", [CallerArgumentExpression(nameof(m))] string argument = "")
    {
        Check(m.Data, DType.Float32, -1, kernel, argument);
        Reaches(m, batch, heads, rows, columns, kernel, argument);
    }

    private static void Reaches(Matrices m, int batch, int heads, int rows, int columns, string kernel, string argument)
    {
        if (m.ColumnStride != 1) throw new ArgumentException($"{kernel}: {argument} has a column stride of {m.ColumnStride}, and the kernel takes 1.", argument);
        if (batch > 0 && heads > 0 && rows > 0 && columns > 0 && m.Extent(batch, heads, rows, columns) > m.Data.Length)
            throw new ArgumentException($"{kernel}: the strides of {argument} reach past the end of its {m.Data.Length} numbers.", argument);
    }

    private protected abstract void AttentionForwardCore(AttentionInputs x, Matrices y, View softmax, AttentionSizes sizes);

    private protected abstract void AttentionBackwardCore(AttentionInputs x, Matrices y, View softmax, Matrices dy, Matrices dq, Matrices dk, Matrices dv, AttentionSizes sizes);
}
