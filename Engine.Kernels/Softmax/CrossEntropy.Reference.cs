namespace Engine.Kernels;

public sealed partial class ReferenceDevice
{
    // loss_r = log Σ_c exp x_rc − x_r,class
    private protected override void CrossEntropyForwardCore(View logits, View classes, View loss, View logSums, int rows, int columns, int? ignored, int firstRow)
    {
        Span<double> X = Values(logits), K = Values(classes), Y = Values(loss), L = Values(logSums);
        for (int r = 0; r < rows; r++)
        {
            int k = (int)K[r];
            if (k == ignored)
            {
                L[r] = Y[r] = 0;
                continue;
            }
            if ((uint)k >= (uint)columns) throw NoSuchClass(firstRow + r, k, columns);
            L[r] = LogSumExp.Reference(X.Slice(r * columns, columns), 1);
            Y[r] = L[r] - X[r * columns + k];
        }
    }

    // dx_rc = scale · dy · (softmax(x_r)_c − [c = class_r])
    private protected override void CrossEntropyBackwardCore(View logits, View classes, View logSums, View dy, View dx, int rows, int columns, double scale, int? ignored)
    {
        Span<double> X = Values(logits), K = Values(classes), L = Values(logSums), DX = Values(dx);
        double g = scale * Values(dy)[0];
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < columns; c++)
                DX[r * columns + c] = (int)K[r] == ignored ? 0 : g * (Math.Exp(X[r * columns + c] - L[r]) - (c == (int)K[r] ? 1 : 0));
    }
}
